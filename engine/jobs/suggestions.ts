/**
 * Suggestions of classes for the open project: learned from the labels as they are given, in a worker, and told when they
 * stand; and which images are alike. One for each open project. What suggests is learning/embeddings/suggester.ts.
 */
import type { Neighbour, Suggestion, suggestionOrders, SuggestionStats } from '#contract/embeddings.ts';
import { AtelierError } from '#contract/errors.ts';
import { unlabelled } from '../project/database-problems.ts';
import { noItem } from '../project/items.ts';
import type { OpenProject } from '../project/project.ts';
import type { LabelsLearned } from '../worker/protocol.ts';
import { embeddingState } from './embed.ts';
import { EmbeddingMemory } from './embedding-memory.ts';
import type { JobServices } from './job-services.ts';

const latelyCounted = 100;

interface SuggestionQuestion {
  order: (typeof suggestionOrders)[number];
  classId?: number | undefined;
  itemId?: number | undefined;
  offset: number;
  limit: number;
}

export class Suggestions {
  readonly #memory: EmbeddingMemory;
  /** Somebody asked: from then on labels are learned from as they are given. */
  #asked = false;
  /** Settled when all labels given before are learned from; one learning follows another. */
  #learning: Promise<void> = Promise.resolve();
  #waiting = false;
  #learned: LabelsLearned | null = null;
  #revision = 0;
  /** Of the images that were labelled and had a suggestion: whether it was right; in the order of the labels. */
  readonly #outcomes = new Map<number, boolean>();
  #closed = false;

  constructor(
    private readonly services: JobServices,
    private readonly project: OpenProject,
  ) {
    this.#memory = new EmbeddingMemory(services, project);
  }

  /** Labels, classes or images changed. */
  labelsChanged(): void {
    if (this.#asked) this.#learnSoon().catch(() => undefined);
  }

  /** More embeddings are there than before, or others. */
  embeddingsChanged(): void {
    if (this.#closed) return;
    this.#memory.refresh();
    this.services.emit({
      event: 'embeddings.changed',
      embeddings: embeddingState(this.services, this.project),
    });
    this.labelsChanged();
  }

  /** @throws NOT_FOUND where there is no such image, or it has no embedding */
  async neighbours(itemId: number, count: number): Promise<Neighbour[]> {
    const row = this.#rowOf(itemId);
    const { removed } = this.project.columns;
    // The worker may not have been told yet which were removed.
    const gone = removed.reduce((sum, each) => sum + each, 0);
    const found = (await this.#memory.ask('neighbours', { row, count: count + gone }))
      .filter((each) => !removed[each.row])
      .slice(0, count);
    const items = this.#itemsOf(found.map((each) => each.row));
    return found.map((each) => ({ item: items.get(each.row)!, similarity: each.similarity }));
  }

  /** @throws BAD_REQUEST, NOT_FOUND */
  async list({ order, classId, itemId, offset, limit }: SuggestionQuestion): Promise<{
    total: number;
    revision: number;
    suggestions: Suggestion[];
  }> {
    if ((order === 'similar') !== (itemId !== undefined))
      throw new AtelierError(
        'BAD_REQUEST',
        `Expected an itemId with the order similar and only with it, received ${itemId === undefined ? 'none' : itemId} with ${order}.`,
      );
    const row = itemId === undefined ? null : this.#rowOf(itemId);
    await this.#learnNow();
    if ((await this.#memory.open()) === 0) return { total: 0, revision: this.#revision, suggestions: [] };
    const revision = this.#revision;
    const { total, suggestions } = await this.#memory.ask('suggest', {
      order,
      classId: classId ?? null,
      row,
      offset,
      limit,
    });
    const items = this.#itemsOf(suggestions.map((each) => each.row));
    return {
      total,
      revision,
      suggestions: suggestions.flatMap(({ row: at, ...suggestion }) => {
        const item = items.get(at);
        return item ? [{ item, ...suggestion }] : [];
      }),
    };
  }

  async stats(): Promise<SuggestionStats> {
    await this.#learnNow();
    return this.#stats();
  }

  #stats(): SuggestionStats {
    const { labelled, left } = this.#counts();
    const count = (outcomes: readonly boolean[]) => ({
      confirmed: outcomes.length,
      right: outcomes.filter(Boolean).length,
    });
    const outcomes = [...this.#outcomes.values()];
    return {
      state: this.#learned === null ? 'no-embeddings' : this.#learned.ready ? 'ready' : 'few-labels',
      revision: this.#revision,
      labelled,
      suggested: this.#learned?.suggested ?? [],
      left,
      ...count(outcomes),
      lately: count(outcomes.slice(-latelyCounted)),
    };
  }

  #counts(): { labelled: number; left: number } {
    const { classIds, removed, excluded, length } = this.project.columns;
    const counts = { labelled: 0, left: 0 };
    for (let at = 0; at < length; at += 1)
      if (!removed[at] && !excluded[at]) counts[classIds[at] === unlabelled ? 'left' : 'labelled'] += 1;
    return counts;
  }

  async #learnNow(): Promise<void> {
    this.#asked = true;
    await this.#learnSoon();
  }

  /** Learns from the labels as they are when its turn comes; those who ask meanwhile wait for the same. */
  #learnSoon(): Promise<void> {
    if (this.#waiting) return this.#learning;
    this.#waiting = true;
    this.#learning = this.#learning
      .catch(() => undefined)
      .then(() => {
        this.#waiting = false;
        return this.#learn();
      });
    return this.#learning;
  }

  async #learn(): Promise<void> {
    if (this.#closed) return;
    if ((await this.#memory.open()) === 0) {
      this.#learned = null;
      return;
    }
    const found = await this.#memory.learn();
    if (!found) return;
    const { learned, changed } = found;
    this.#learned = learned;
    this.#revision += 1;
    this.#judge(changed, learned.outcomes);
    if (!this.#closed) this.services.emit({ event: 'suggestions.changed', stats: this.#stats() });
  }

  /** A label that is taken back says nothing any more; one that is given anew says that the suggestion was wrong. */
  #judge(
    changed: ReadonlyMap<number, { from: number; to: number }>,
    outcomes: LabelsLearned['outcomes'],
  ): void {
    for (const [row, { from, to }] of changed) {
      if (to <= 0) this.#outcomes.delete(row);
      else if (from > 0 && this.#outcomes.get(row)) this.#outcomes.set(row, false);
    }
    for (const { row, right } of outcomes) this.#outcomes.set(row, right);
  }

  #rowOf(itemId: number): number {
    const row = this.project.columns.positionOf(itemId);
    if (row < 0 || this.project.columns.removed[row]) throw noItem(itemId);
    return row;
  }

  #itemsOf(rows: readonly number[]) {
    const { columns } = this.project;
    const items = this.project.itemsById(rows.map((row) => columns.ids[row]!));
    return new Map(items.map((item) => [columns.positionOf(item.id), item]));
  }

  close(): void {
    this.#closed = true;
    this.#memory.close();
  }
}
