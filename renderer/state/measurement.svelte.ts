/**
 * Something that is tried out briefly on this machine before a training (the learning rate, the precision): a job, and
 * what it found for which recipe. What the findings mean is left to the components that draw them.
 */
import type { Job } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Recipe } from '#contract/recipe.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import type { Studio } from './studio.svelte.ts';

interface Commands<T> {
  start: (client: StudioClient, recipe: Recipe) => Promise<Job>;
  read: (client: StudioClient, jobId: string) => Promise<T>;
}

export class Measurement<T> {
  result: T | null = $state.raw(null);
  /** The recipe that was tried. */
  recipe: Recipe | null = $state.raw(null);
  fault: AtelierError | null = $state.raw(null);
  #job: Job | null = $state.raw(null);
  /** True while a start is on its way: the job has no name yet. */
  starting = $state(false);
  /** Raised with each project: an answer to what was asked of the one before is no answer any more. */
  #era = 0;
  /** The job while it goes on. */
  readonly job = $derived(isActive(this.#job) ? this.#job : null);

  readonly #studio: Pick<Studio, 'call' | 'cancel' | 'jobs'>;
  readonly #commands: Commands<T>;
  constructor(studio: Pick<Studio, 'call' | 'cancel' | 'jobs'>, commands: Commands<T>) {
    this.#studio = studio;
    this.#commands = commands;
  }

  async start(recipe: Recipe): Promise<void> {
    if (this.job || this.starting) return;
    const era = this.#era;
    this.starting = true;
    this.fault = null;
    this.result = null;
    this.recipe = recipe;
    try {
      const job = await this.#studio.call((client) => this.#commands.start(client, recipe));
      if (era !== this.#era) return;
      this.starting = false;
      // Its end may have been told before its name.
      await this.#follow(this.#studio.jobs.find(({ id }) => id === job.id) ?? job);
    } catch (error) {
      if (era !== this.#era) return;
      this.starting = false;
      this.fault = fromRpcError(error);
    }
  }

  async cancel(): Promise<void> {
    if (this.job) await this.#studio.cancel(this.job);
  }

  /** Another project: what was found is not about its images. */
  reset(): void {
    this.#era += 1;
    this.starting = false;
    this.#job = null;
    this.result = null;
    this.recipe = null;
    this.fault = null;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'job.changed' && event.job.id === this.#job?.id) void this.#follow(event.job);
  }

  /** After a connection was lost: the job may have ended meanwhile. */
  async read(): Promise<void> {
    if (!this.job) return;
    const known = this.#studio.jobs.find(({ id }) => id === this.#job?.id);
    if (known) return this.#follow(known);
    this.reset();
    this.fault = new AtelierError(
      'NOT_FOUND',
      'Expected this work to go on, but the studio was started anew meanwhile and does not know it. Start it again.',
    );
  }

  async #follow(job: Job): Promise<void> {
    if (!isActive(this.#job) && this.#job?.id === job.id) return;
    this.#job = job;
    if (isActive(job)) return;
    if (job.error) this.fault = AtelierError.fromWire(job.error);
    if (job.state !== 'finished') return;
    try {
      const result = await this.#studio.call((client) => this.#commands.read(client, job.id));
      if (this.#job?.id === job.id) this.result = result;
    } catch (error) {
      if (this.#job?.id === job.id) this.fault = fromRpcError(error);
    }
  }
}

const isActive = (job: Job | null): boolean => job?.state === 'running' || job?.state === 'queued';
