/**
 * What follows a first import by itself: a first model, or, where nothing is labelled yet, the embeddings that suggestions
 * need. A person can turn that off, in the dialog that confirms the import. Which recipe suits is the studio's, training and judging the run's.
 */
import type { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { trainable } from '#contract/project.ts';
import type { Navigation } from '../../state/navigation.svelte.ts';
import { report, say } from '../../state/notices.ts';
import type { Runs } from '../../state/runs.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';

const key = 'atelier.first-model';
/** Images whose embeddings take about a minute. */
const mostEmbedded = 5000;

export class FirstModel {
  /** Whether a first model is to train after an import; kept for the next one. */
  wanted = $state(true);
  /** Imports after which one trains. */
  readonly #imports = new Set<string>();

  constructor(
    private readonly parts: { studio: Studio; runs: Pick<Runs, 'list'>; navigation: Pick<Navigation, 'go'> },
    private readonly store: Pick<Storage, 'getItem' | 'setItem'>,
  ) {
    this.wanted = store.getItem(key) !== 'off';
  }

  /** A project that has runs has had its first model. */
  get possible(): boolean {
    return this.parts.studio.project === null || this.parts.runs.list.length === 0;
  }

  want(wanted: boolean): void {
    this.wanted = wanted;
    this.store.setItem(key, wanted ? 'on' : 'off');
  }

  /** Trains once this import has ended well, where it is wanted and the first. */
  after(jobId: string): void {
    // Another window may have turned it off since.
    if (this.store.getItem(key) !== 'off' && this.possible) this.#imports.add(jobId);
  }

  receive(event: StudioEvent): void {
    if (event.event !== 'job.changed' || !this.#imports.has(event.job.id)) return;
    const { id, state } = event.job;
    if (state === 'queued' || state === 'running') return;
    this.#imports.delete(id);
    if (state === 'finished') void this.#train();
  }

  /** Images without labels are labelled first, with suggestions; of very many a person says when. */
  async #embed(unlabelled: number): Promise<void> {
    if (unlabelled === 0 || unlabelled > mostEmbedded) return;
    await this.parts.studio.attempt((client) => client.embeddings.start());
  }

  async #train(): Promise<void> {
    const { project } = this.parts.studio;
    if (!project || !this.possible) return;
    if (trainable(project.classes).length < 2) return this.#embed(project.counts.unlabelled);
    try {
      const { presets } = await this.parts.studio.call((client) => client.recipes.presets());
      const { recipe } = presets.find(({ preset }) => preset === 'auto')!;
      await this.parts.studio.call((client) => client.runs.start({ recipe, name: 'First model' }));
      say('A first model trains.', { label: 'Watch', onClick: () => this.parts.navigation.go('train') });
    } catch (error) {
      const { code, message } = error as AtelierError;
      if (code === 'NOT_ENOUGH_DATA') say(`No first model yet. ${message}`);
      else report(error as AtelierError);
    }
  }
}
