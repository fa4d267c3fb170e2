/**
 * The project's runs, newest first, and what the running ones are saying. Trials are runs too: they are known here once
 * their study is looked at, and stand in its table rather than in the list.
 */
import type { StudioEvent } from '#contract/events.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Damaged, Origin, Run } from '#contract/run.ts';
import { isActive } from '#contract/study.ts';
import { unfrozen } from '#recipe/frozen.ts';
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
  /** Runs of their own and the trials heard of. */
  #known: Run[] = $state.raw([]);
  /** Runs of their own. */
  readonly list: Run[] = $derived(this.#known.filter(({ studyId }) => !studyId));
  /** Those that cannot be read, with the study that they are trials of. */
  #damaged: (Damaged & { studyId: string | null })[] = $state.raw([]);
  #gone: readonly string[] = $state.raw([]);
  /** The run that Judge, Label and Ship look at, where the person chose one. */
  #chosen: string | null = $state(null);
  /** The run whose curves are shown in Train. */
  #watched: string | null = $state(null);
  /** True while a start is on its way. */
  starting = $state(false);
  #progress: Record<string, Progress> = $state.raw({});
  #points: Record<string, StepPoint[]> = $state.raw({});

  readonly finished = $derived(this.list.filter(({ state }) => state === 'finished'));
  readonly usable = $derived(this.list.filter(isUsable));
  readonly active = $derived(this.list.filter(isActive));
  readonly current = $derived(
    this.#known.find((run) => run.id === this.#chosen && isUsable(run)) ?? this.usable[0] ?? null,
  );
  readonly watched = $derived(this.#known.find(({ id }) => id === this.#watched) ?? null);

  constructor(private readonly studio: Studio) {}

  async read(): Promise<void> {
    const [own, damaged] = this.studio.project
      ? await this.studio.call((client) => Promise.all([client.runs.list(), client.runs.damaged()]))
      : [[], []];
    this.#keep(null, own, damaged);
    // What was heard of trials may be old too.
    const studies = new Set(this.#known.flatMap(({ studyId }) => studyId ?? []));
    await Promise.all([...studies].map((studyId) => this.#readTrials(studyId)));
    if (!this.watched) this.#watched = this.active[0]?.id ?? this.list[0]?.id ?? null;
  }

  /** The trials of a study, to be watched like any run. */
  async readStudy(studyId: string): Promise<void> {
    await this.studio.attempt(() => this.#readTrials(studyId));
  }
  async #readTrials(studyId: string): Promise<void> {
    const [trials, damaged] = await this.studio.call((client) =>
      Promise.all([client.runs.list({ studyId }), client.runs.damaged({ studyId })]),
    );
    this.#keep(studyId, trials, damaged);
  }

  /** Asks about a run that is named by another and not known here: a trial of a study that was not looked at, or one that is gone. */
  async seek(id: string): Promise<void> {
    if (this.get(id)) return;
    try {
      this.#upsert(await this.studio.call((client) => client.runs.get({ runId: id })));
    } catch (error) {
      if ((error as { code?: string }).code === 'NOT_FOUND') this.#gone = [...this.#gone, id];
    }
  }
  /** True once it was asked about in vain, or was seen to go. */
  isGone(id: string): boolean {
    return this.#gone.includes(id);
  }

  reset(): void {
    this.#known = [];
    this.#damaged = [];
    this.#gone = [];
    this.#chosen = null;
    this.#watched = null;
    this.#progress = {};
    this.#points = {};
  }

  get(id: string): Run | undefined {
    return this.#known.find((run) => run.id === id);
  }
  /** Those that cannot be read: runs of their own, or the trials of a study that was looked at. */
  damaged(studyId: string | null = null): Damaged[] {
    return this.#damaged.filter((found) => found.studyId === studyId);
  }
  /** What a person may choose from where `run` is chosen: that, though it is a trial, and the usable ones. */
  choices(run: Run | null): Run[] {
    return run && !this.usable.some(({ id }) => id === run.id) ? [run, ...this.usable] : this.usable;
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
  watch(id: string): void {
    this.#watched = id;
  }

  /**
   * Trains a recipe from `origin`, or with random weights, of which none are frozen.
   * @returns undefined where it failed, which is told, and where another start is still on its way
   */
  async start(recipe: Run['recipe'], origin: Origin | null = null): Promise<Run | undefined> {
    if (this.starting) return undefined;
    this.starting = true;
    try {
      const run = await this.#take((client) =>
        client.runs.start(origin ? { recipe, origin } : { recipe: unfrozen(recipe) }),
      );
      if (run) this.watch(run.id);
      return run;
    } finally {
      this.starting = false;
    }
  }
  cancel(runId: string): Promise<unknown> {
    return this.#take((client) => client.runs.cancel({ runId }));
  }
  resume(runId: string): Promise<unknown> {
    return this.#take((client) => client.runs.resume({ runId }));
  }
  rename(runId: string, name: string): Promise<unknown> {
    return this.#take((client) => client.runs.rename({ runId, name }));
  }
  /** True once it is on the disk. */
  async setNote(runId: string, note: string): Promise<boolean> {
    return (await this.#take((client) => client.runs.setNote({ runId, note }))) !== undefined;
  }
  /** The run as the studio has it after this; undefined where it failed, which is told. */
  async #take(ask: (client: StudioClient) => Promise<Run>): Promise<Run | undefined> {
    const run = await this.studio.attempt(ask);
    if (run) this.#upsert(run);
    return run;
  }
  async delete(id: string): Promise<void> {
    if (await this.studio.attempt((client) => client.runs.delete({ runId: id }))) this.#remove(id);
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
      case 'study.deleted':
        for (const { id, studyId } of [...this.#known, ...this.#damaged])
          if (studyId === event.studyId) this.#remove(id);
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

  /** All runs of this study, or those of their own. */
  #keep(studyId: string | null, runs: readonly Run[], damaged: readonly Damaged[]): void {
    this.#known = newestFirst([...this.#known.filter((run) => run.studyId !== studyId), ...runs]);
    const others = this.#damaged.filter((found) => found.studyId !== studyId);
    this.#damaged = [...others, ...damaged.map((found) => ({ ...found, studyId }))];
  }

  #upsert(run: Run): void {
    this.#known = newestFirst([...this.#known.filter(({ id }) => id !== run.id), run]);
    // The first run of a project, started elsewhere: there is nothing else to look at.
    if (!this.watched && !run.studyId) this.#watched = run.id;
  }

  #remove(id: string): void {
    this.#gone = [...this.#gone, id];
    this.#known = this.#known.filter((run) => run.id !== id);
    this.#damaged = this.#damaged.filter((found) => found.id !== id);
    if (this.#watched === id) this.#watched = this.list[0]?.id ?? null;
  }
}

/** Has weights that can be used: finished, or cancelled after at least one epoch. */
export const isUsable = ({ state, bestEpoch }: Run): boolean =>
  state === 'finished' || (state === 'cancelled' && bestEpoch !== null);

export const newestFirst = <T extends Pick<Run, 'id' | 'createdAt'>>(some: T[]): T[] =>
  [...some].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));

/** Drops every other point of the older half once there are too many to draw. */
export function thinned(points: StepPoint[], limit = pointsKept): StepPoint[] {
  if (points.length <= limit) return points;
  const half = Math.floor(points.length / 2);
  return [...points.slice(0, half).filter((_, index) => index % 2 === 0), ...points.slice(half)];
}
