/** The project's runs, newest first, and what the running ones are saying. */
import type { Run } from '#contract/entities.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Studio } from './studio.svelte.ts';

export type Progress = Extract<StudioEvent, { event: 'run.progress' }>;
/** One point of the live curves; x in epochs. */
export interface StepPoint {
  x: number;
  loss: number;
  accuracy: number;
}

const pointsKept = 1500;

export class Runs {
  list: Run[] = $state.raw([]);
  /** The run that Judge, Label and Ship look at, where the person chose one. */
  #chosen: string | null = $state(null);
  /** The run whose curves are shown in Train. */
  #watched: string | null = $state(null);
  #progress: Record<string, Progress> = $state.raw({});
  #points: Record<string, StepPoint[]> = $state.raw({});

  readonly finished = $derived(this.list.filter(({ state }) => state === 'finished'));
  /** Runs whose weights can be used: finished, or cancelled after at least one epoch. */
  readonly usable = $derived(
    this.list.filter(
      ({ state, bestEpoch }) => state === 'finished' || (state === 'cancelled' && bestEpoch !== null),
    ),
  );
  readonly active = $derived(this.list.filter(({ state }) => state === 'running' || state === 'queued'));
  readonly current = $derived(this.usable.find(({ id }) => id === this.#chosen) ?? this.usable[0] ?? null);
  readonly watched = $derived(this.list.find(({ id }) => id === this.#watched) ?? null);

  readonly #studio: Studio;
  constructor(studio: Studio) {
    this.#studio = studio;
  }

  async read(): Promise<void> {
    this.list = this.#studio.project ? sorted(await this.#studio.call((client) => client.runs.list())) : [];
    if (!this.watched) this.#watched = this.active[0]?.id ?? this.list[0]?.id ?? null;
  }

  clear(): void {
    this.list = [];
    this.#chosen = null;
    this.#watched = null;
    this.#progress = {};
    this.#points = {};
  }

  get(id: string): Run | undefined {
    return this.list.find((run) => run.id === id);
  }
  progress(id: string): Progress | null {
    return this.#progress[id] ?? null;
  }
  points(id: string): StepPoint[] {
    return this.#points[id] ?? [];
  }
  choose(id: string): void {
    this.#chosen = id;
  }
  watch(id: string | null): void {
    this.#watched = id;
  }

  async start(recipe: Run['recipe']): Promise<Run | undefined> {
    const run = await this.#studio.attempt((client) => client.runs.start({ recipe }));
    if (run) {
      this.#upsert(run);
      this.watch(run.id);
    }
    return run;
  }
  async cancel(id: string): Promise<void> {
    const run = await this.#studio.attempt((client) => client.runs.cancel({ runId: id }));
    if (run) this.#upsert(run);
  }
  async resume(id: string): Promise<void> {
    const run = await this.#studio.attempt((client) => client.runs.resume({ runId: id }));
    if (run) this.#upsert(run);
  }
  async rename(id: string, name: string): Promise<void> {
    const run = await this.#studio.attempt((client) => client.runs.rename({ runId: id, name }));
    if (run) this.#upsert(run);
  }
  async delete(id: string): Promise<void> {
    if (await this.#studio.attempt((client) => client.runs.delete({ runId: id }))) this.#remove(id);
  }

  receive(event: StudioEvent): void {
    switch (event.event) {
      case 'run.changed':
        this.#upsert(event.run);
        break;
      case 'run.progress':
        this.#advance(event);
        break;
      case 'run.epoch': {
        const run = this.get(event.runId);
        if (!run) break;
        const earlier = run.epochs.filter(({ epoch }) => epoch < event.epoch.epoch);
        this.#upsert({ ...run, epochs: [...earlier, event.epoch] });
        break;
      }
      case 'run.deleted':
        this.#remove(event.runId);
        break;
    }
  }

  #advance(event: Progress): void {
    this.#progress = { ...this.#progress, [event.runId]: event };
    const x = (event.step / event.steps) * event.epochs;
    // A resumed run goes back to its checkpoint: what lies ahead of it is no longer so.
    const earlier = this.points(event.runId).filter((point) => point.x < x);
    const points = [...earlier, { x, loss: event.loss, accuracy: event.accuracy }];
    this.#points = { ...this.#points, [event.runId]: thinned(points) };
  }

  #upsert(run: Run): void {
    this.list = sorted([...this.list.filter(({ id }) => id !== run.id), run]);
    // The first run of a project, started elsewhere: there is nothing else to look at.
    if (!this.watched) this.#watched = run.id;
  }

  #remove(id: string): void {
    this.list = this.list.filter((run) => run.id !== id);
    if (this.#watched === id) this.#watched = this.list[0]?.id ?? null;
  }
}

const sorted = (runs: Run[]): Run[] =>
  [...runs].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));

/** Drops every other point of the older half once there are too many to draw. */
export function thinned(points: StepPoint[], limit = pointsKept): StepPoint[] {
  if (points.length <= limit) return points;
  const half = Math.floor(points.length / 2);
  return [...points.slice(0, half).filter((_, index) => index % 2 === 0), ...points.slice(half)];
}
