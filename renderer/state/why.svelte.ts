/**
 * Why a run answers as it does about the image at hand: heat by a method and for a class, and the nearest training images. Asked for where somebody looks,
 * one at a time: another image lets go of the question before.
 */
import type { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import {
  type Explanation,
  type ExplanationMethod,
  type NearestTraining,
  usualNearest,
} from '#contract/explanation.ts';
import type { Job } from '#contract/job.ts';
import { fromRpcError } from '#contract/rpc.ts';
import type { Studio } from './studio.svelte.ts';

export type HeatChoice = ExplanationMethod | 'none';

/** Answers that are kept. */
const kept = 60;

interface Of {
  runId: string;
  itemId: number;
}

export class Why {
  /** Whether it is asked at all. */
  shown = $state(false);
  heat: HeatChoice = $state('grad-cam');
  opacity = $state(0.7);
  /** The class that is explained, as its place among the run's; null: the predicted one. */
  #target: { runId: string; place: number } | null = $state.raw(null);
  #explanations: Record<string, Explanation | AtelierError> = $state.raw({});
  #nearest: Record<string, NearestTraining | AtelierError> = $state.raw({});
  #asking: { key: string; abort: AbortController } | null = $state.raw(null);
  /** Runs whose training images were asked to be looked at: once, unless a person asks again. */
  readonly #started = new Set<string>();
  readonly #reading = new Set<string>();

  constructor(
    private readonly studio: Pick<Studio, 'call' | 'attempt' | 'working' | 'finished' | 'project'>,
  ) {}

  targetOf(runId: string): number | null {
    return this.#target?.runId === runId ? this.#target.place : null;
  }
  choose(runId: string, place: number | null): void {
    this.#target = place === null ? null : { runId, place };
  }

  /** undefined: not known yet, or not asked for. */
  explanation(of: Of): Explanation | AtelierError | undefined {
    return this.heat === 'none' ? undefined : this.#explanations[this.#key(of, this.heat)];
  }
  get busy(): boolean {
    return this.#asking !== null;
  }
  nearest({ runId, itemId }: Of): NearestTraining | AtelierError | undefined {
    return this.#nearest[`${runId}/${itemId}`];
  }
  /** That looks at the run's training images. */
  job(runId: string): Job | undefined {
    return this.studio.working.find((job) => job.kind === 'nearest' && job.runId === runId);
  }

  /** Asks for the heat where it is not known. */
  async want(of: Of): Promise<void> {
    const method = this.heat;
    if (method === 'none') return this.leave();
    const key = this.#key(of, method);
    if (this.#explanations[key] || this.#asking?.key === key) return;
    this.leave();
    const abort = new AbortController();
    this.#asking = { key, abort };
    const target = this.targetOf(of.runId);
    const asked = {
      runId: of.runId,
      image: { kind: 'item' as const, itemId: of.itemId },
      method,
      ...(target === null ? {} : { target }),
    };
    const answer = await this.studio
      .call((client) => client.explanations.explain(asked, { signal: abort.signal }))
      .catch(fromRpcError);
    if (this.#asking?.abort !== abort) return;
    this.#asking = null;
    this.#explanations = lately({ ...this.#explanations, [key]: answer });
  }

  /** Nobody looks any more. */
  leave(): void {
    this.#asking?.abort.abort();
    this.#asking = null;
  }

  /** Reads the nearest training images, and has the run's training images looked at where that was never done. */
  async wantNearest(of: Of): Promise<void> {
    const key = `${of.runId}/${of.itemId}`;
    const known = this.#nearest[key];
    if ((known && !('missing' in known && known.missing > 0)) || this.#reading.has(key)) return;
    const found = await this.#readNearest(of, key);
    const begins = found && found.missing > 0 && !this.#started.has(of.runId);
    if (begins && !this.studio.project?.readOnly) await this.lookAtTraining(of);
  }

  async lookAtTraining(of: Of): Promise<void> {
    this.#started.add(of.runId);
    const job = await this.studio.attempt((client) => client.explanations.startNearest({ runId: of.runId }));
    if (!job || (await this.studio.finished(job.id)).state !== 'finished') return;
    this.#nearest = {};
    await this.#readNearest(of, `${of.runId}/${of.itemId}`);
  }

  async #readNearest({ runId, itemId }: Of, key: string): Promise<NearestTraining | null> {
    this.#reading.add(key);
    const asked = { runId, image: { kind: 'item' as const, itemId }, count: usualNearest };
    const answer = await this.studio.call((client) => client.explanations.nearest(asked)).catch(fromRpcError);
    this.#reading.delete(key);
    this.#nearest = lately({ ...this.#nearest, [key]: answer });
    return 'missing' in answer ? answer : null;
  }

  #key({ runId, itemId }: Of, method: ExplanationMethod): string {
    return `${runId}/${itemId}/${method}/${this.targetOf(runId) ?? ''}`;
  }

  /** A run that goes on has other weights; labels and parts of training images may change. */
  receive(event: StudioEvent): void {
    if (event.event === 'run.changed' && event.run.state === 'running') this.#forget(event.run.id);
    if (event.event === 'items.changed') this.#nearest = {};
  }
  #forget(runId: string): void {
    const without = <T>(all: Record<string, T>) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith(`${runId}/`)));
    this.#explanations = without(this.#explanations);
    this.#nearest = without(this.#nearest);
    this.#started.delete(runId);
  }

  reset(): void {
    this.leave();
    this.#target = null;
    this.#explanations = {};
    this.#nearest = {};
    this.#started.clear();
  }
}

const lately = <T>(all: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(all).slice(-kept));
