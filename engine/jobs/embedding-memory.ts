/**
 * The embeddings of the open project in the memory of a worker of their own, kept warm, and what it was told of labels:
 * only what changed travels. What the answers mean is suggestions.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { noClassId, unlabelled } from '../project/database-problems.ts';
import type { OpenProject } from '../project/project.ts';
import type { Input, LabelsLearned, Result, TaskKind } from '../worker/protocol.ts';
import { correctEmbeddings, embeddingState, isThere, keptEmbeddings, originOf } from './embed.ts';
import { Worker } from './workers.ts';
import type { JobServices } from './job-services.ts';

/** Stands for an image that is neither learned from nor suggested for: removed, excluded, or of a class that cannot be read. */
const leftOut = -1;

export class EmbeddingMemory {
  #worker: Worker | null = null;
  /** What the worker has in memory; null where that must be asked for again. */
  #opened: { key: string; done: number } | null = null;
  #opening: Promise<number> | null = null;
  /** Labels as the worker knows them, by row; null where it knows none. */
  #told: Int32Array | null = null;

  constructor(
    private readonly services: JobServices,
    private readonly project: OpenProject,
  ) {}

  /** More may be on the disk than was read. */
  refresh(): void {
    this.#opened = null;
  }

  /** @returns how many images have an embedding; 0 also where what computes them is gone */
  open(): Promise<number> {
    this.#opening ??= this.#open().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #open(): Promise<number> {
    const kept = keptEmbeddings(this.project);
    if (!kept || !isThere(this.project, kept)) return 0;
    const { columns, path } = this.project;
    const input: Input<'embedding-open'> = {
      project: path,
      origin: originOf(this.project, kept),
      lastItemId: columns.ids[columns.length - 1] ?? 0,
    };
    if (!this.#worker?.alive) {
      this.#worker = new Worker(this.services.spawner, 'embedding', 'try again', false);
      this.#opened = null;
    }
    const key = JSON.stringify(input);
    if (this.#opened?.key === key) return this.#opened.done;
    // Labels of images that were not in memory before are told with all others.
    this.#told = null;
    const found = await this.#worker.run('embedding-open', input);
    this.#opened = { key, done: found.done };
    if (await correctEmbeddings(this.services, this.project, found))
      this.services.emit({
        event: 'embeddings.changed',
        embeddings: embeddingState(this.services, this.project),
      });
    return found.done;
  }

  /** Asks the worker, which has the embeddings in memory. @throws NOT_FOUND where there are none */
  async ask<K extends 'neighbours' | 'suggest' | 'learn-labels'>(
    kind: K,
    input: Input<K>,
  ): Promise<Result<K>> {
    if ((await this.open()) === 0) throw noEmbeddings();
    return this.#worker!.run<TaskKind>(kind, input) as Promise<Result<K>>;
  }

  /**
   * Tells the worker what changed of the labels, and has it learn.
   * @returns what it learned, and the rows whose label changed; null where nothing did
   */
  async learn(): Promise<{
    learned: LabelsLearned;
    changed: Map<number, { from: number; to: number }>;
  } | null> {
    if ((await this.open()) === 0) throw noEmbeddings();
    const labels = this.#labels();
    const before = this.#told;
    const rows: number[] = [];
    const changed = new Map<number, { from: number; to: number }>();
    labels.forEach((label, row) => {
      const from = before?.[row] ?? unlabelled;
      if (label === from) return;
      rows.push(row);
      if (before) changed.set(row, { from, to: label });
    });
    if (before && rows.length === 0) return null;
    this.#told = labels;
    try {
      const learned = await this.ask('learn-labels', {
        anew: before === null,
        rows,
        classIds: rows.map((row) => labels[row]!),
      });
      return { learned, changed };
    } catch (thrown) {
      this.#told = null;
      throw thrown;
    }
  }

  #labels(): Int32Array {
    const { classIds, removed, excluded, length } = this.project.columns;
    return classIds
      .subarray(0, length)
      .map((classId, row) => (removed[row] || excluded[row] || classId === noClassId ? leftOut : classId));
  }

  close(): void {
    this.#worker?.close();
    this.#worker = null;
    this.#opened = null;
    this.#told = null;
  }
}

const noEmbeddings = () =>
  new AtelierError(
    'NOT_FOUND',
    'Expected embeddings of this project, but none are computed yet. Compute them first: embeddings.start, or `atelier embed PROJECT`.',
  );
