/** The project's studies, newest first: cross-validations and searches, with all their trials. */
import type { StudioEvent } from '#contract/events.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Damaged } from '#contract/run.ts';
import type { Study, StudyPlan } from '#contract/study.ts';
import { unfrozen } from '#recipe/frozen.ts';
import { newestFirst } from '../../../state/runs.svelte.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

export class Studies {
  list: Study[] = $state.raw([]);
  /** Those that cannot be read. */
  damaged: Damaged[] = $state.raw([]);
  #watched: string | null = $state(null);
  readonly watched = $derived(this.list.find(({ id }) => id === this.#watched) ?? null);
  /** True while a start is on its way. */
  starting = $state(false);

  constructor(private readonly studio: Studio) {}

  async read(): Promise<void> {
    const [list, damaged] = this.studio.project
      ? await this.studio.call((client) => Promise.all([client.studies.list(), client.studies.damaged()]))
      : [[], []];
    this.list = newestFirst(list);
    this.damaged = damaged;
    if (!this.watched) this.#watched = this.list[0]?.id ?? null;
  }

  reset(): void {
    this.list = [];
    this.damaged = [];
    this.#watched = null;
  }

  get(id: string): Study | undefined {
    return this.list.find((study) => study.id === id);
  }
  watch(id: string): void {
    this.#watched = id;
  }

  /** With random weights, of which none are frozen. undefined where it failed, which is told, and where another start is still on its way. */
  async start(recipe: Recipe, plan: StudyPlan, name?: string): Promise<Study | undefined> {
    if (this.starting) return undefined;
    this.starting = true;
    try {
      const study = await this.#take((client) =>
        client.studies.start({ recipe: unfrozen(recipe), plan, ...(name ? { name } : {}) }),
      );
      if (study) this.watch(study.id);
      return study;
    } finally {
      this.starting = false;
    }
  }
  cancel(studyId: string): Promise<unknown> {
    return this.#take((client) => client.studies.cancel({ studyId }));
  }
  resume(studyId: string): Promise<unknown> {
    return this.#take((client) => client.studies.resume({ studyId }));
  }
  rename(studyId: string, name: string): Promise<unknown> {
    return this.#take((client) => client.studies.rename({ studyId, name }));
  }
  /** The study as the studio has it after this; undefined where it failed, which is told. */
  async #take(ask: (client: StudioClient) => Promise<Study>): Promise<Study | undefined> {
    const study = await this.studio.attempt(ask);
    if (study) this.#upsert(study);
    return study;
  }
  async delete(id: string): Promise<void> {
    if (await this.studio.attempt((client) => client.studies.delete({ studyId: id }))) this.#remove(id);
  }

  receive(event: StudioEvent): void {
    if (event.event === 'study.changed') this.#upsert(event.study);
    if (event.event === 'study.deleted') this.#remove(event.studyId);
  }

  #upsert(study: Study): void {
    this.list = newestFirst([...this.list.filter(({ id }) => id !== study.id), study]);
    if (!this.watched) this.#watched = study.id;
  }
  #remove(id: string): void {
    this.list = this.list.filter((study) => study.id !== id);
    this.damaged = this.damaged.filter((study) => study.id !== id);
    if (this.#watched === id) this.#watched = this.list[0]?.id ?? null;
  }
}
