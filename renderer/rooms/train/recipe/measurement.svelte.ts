/**
 * Something that is tried out briefly on this machine before a training (the learning rate, the precision): a job, and
 * what it found for which recipe. What the findings mean is left to the components that draw them.
 */
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Job } from '#contract/job.ts';
import type { Tried } from '#contract/probes.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import type { Origin } from '#contract/run.ts';
import { isActive } from '#contract/study.ts';
import { changes, same, within } from '../../../state/changes.ts';
import { unfrozen } from '#recipe/frozen.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

interface Measured<T> {
  /** Of the jobs that this measurement is. */
  kind: Job['kind'];
  start: (client: StudioClient, tried: { recipe: Recipe; origin?: Origin }) => Promise<Job>;
  read: (client: StudioClient, jobId: string) => Promise<Tried<T>>;
  /** Settings that make no difference to what is found. */
  apart: readonly string[];
}

export class Measurement<T> {
  result: Tried<T> | null = $state.raw(null);
  fault: AtelierError | null = $state.raw(null);
  #job: Job | null = $state.raw(null);
  /** True while a start is on its way: the job has no name yet. */
  starting = $state(false);
  /** Raised with each project: an answer to what was asked of the one before is no answer any more. */
  #era = 0;
  /** The job while it goes on. */
  readonly job = $derived(this.#job && isActive(this.#job) ? this.#job : null);

  constructor(
    private readonly studio: Pick<Studio, 'call' | 'cancel' | 'jobs'>,
    private readonly measured: Measured<T>,
  ) {}

  /** True where what was found is about another recipe than this one, or about another beginning. */
  isStale(recipe: Recipe, origin: Origin | null): boolean {
    if (!this.result) return false;
    if (!same(this.result.origin, origin)) return true;
    const { apart } = this.measured;
    const asked = origin ? recipe : unfrozen(recipe);
    return changes(this.result.recipe, asked).some(({ path }) => !apart.some((one) => within(path, one)));
  }

  /** @param origin what the next run begins with; null for random weights */
  async start(recipe: Recipe, origin: Origin | null): Promise<void> {
    if (this.job || this.starting) return;
    const era = this.#era;
    this.starting = true;
    this.fault = null;
    this.result = null;
    this.#job = null;
    try {
      const job = await this.studio.call((client) =>
        this.measured.start(client, origin ? { recipe, origin } : { recipe: unfrozen(recipe) }),
      );
      if (era !== this.#era) return;
      this.starting = false;
      // Its end may have been told before its name.
      await this.#follow(this.studio.jobs.find(({ id }) => id === job.id) ?? job);
    } catch (error) {
      if (era !== this.#era) return;
      this.starting = false;
      this.fault = fromRpcError(error);
    }
  }

  async cancel(): Promise<void> {
    if (this.job) await this.studio.cancel(this.job);
  }

  /** Another project: what was found is not about its images. */
  reset(): void {
    this.#era += 1;
    this.starting = false;
    this.#job = null;
    this.result = null;
    this.fault = null;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'job.changed' && event.job.id === this.#job?.id) void this.#follow(event.job);
  }

  /** After each connection: the job may have ended meanwhile, or an earlier window may have begun one. */
  async read(): Promise<void> {
    const own = this.#job;
    if (!own) return this.#adopt();
    const known = this.studio.jobs.find(({ id }) => id === own.id);
    if (known && isActive(own)) return this.#follow(known);
    // Its answer was on its way when the connection was lost.
    if (known?.state === 'finished' && !this.result) return this.#answer(known.id);
    if (known || !isActive(own)) return;
    this.reset();
    this.fault = new AtelierError(
      'NOT_FOUND',
      'Expected this work to go on, but the studio was started anew meanwhile and does not know it. Start it again.',
    );
  }

  /** Goes on with the newest job of this kind, whoever began it. */
  async #adopt(): Promise<void> {
    if (this.starting) return;
    const found = this.studio.jobs.findLast(
      (job) => job.kind === this.measured.kind && (isActive(job) || job.state === 'finished'),
    );
    if (!found) return;
    await this.#follow(found);
    // It was about another project, or too long ago.
    if (this.#job?.id === found.id && this.fault?.code === 'NOT_FOUND') this.reset();
  }

  async #follow(job: Job): Promise<void> {
    if (this.#job?.id === job.id && !isActive(this.#job)) return;
    this.#job = job;
    if (job.error) this.fault = AtelierError.fromWire(job.error);
    if (job.state === 'finished') await this.#answer(job.id);
  }

  async #answer(jobId: string): Promise<void> {
    try {
      const result = await this.studio.call((client) => this.measured.read(client, jobId));
      if (this.#job?.id !== jobId) return;
      this.result = result;
      this.fault = null;
    } catch (error) {
      if (this.#job?.id === jobId) this.fault = fromRpcError(error);
    }
  }
}
