/**
 * What trainings and studies would take here, as the studio says: asked for when somebody looks, kept until something
 * changes that it depends on. While it is asked for anew the earlier answer stays.
 */
import type { StudioEvent } from '#contract/events.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Origin } from '#contract/run.ts';
import { isActive, type StudyPlan } from '#contract/study.ts';
import type { TimeEstimate } from '#contract/times.ts';
import type { Studio } from '../../state/studio.svelte.ts';

interface Answer {
  estimate: TimeEstimate | null;
  version: number;
}

/** Labels that are given one after another are one change. */
const settleMilliseconds = 2000;
const mostKept = 50;

export class Times {
  #known: ReadonlyMap<string, Answer> = $state.raw(new Map());
  /** Of what the answers depend on beside the question. */
  #version = $state(0);
  readonly #asked = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly studio: Pick<Studio, 'call'>) {}

  /** Of a run; null as long as it is not known, or nothing can be said. */
  ofRun(recipe: Recipe, origin: Origin | null): TimeEstimate | null {
    return this.#of(['run', recipe, origin], (client) =>
      client.recipes.estimate(origin ? { recipe, origin } : { recipe }),
    );
  }

  /** Of all trainings of a study, likewise. */
  ofStudy(recipe: Recipe, plan: StudyPlan): TimeEstimate | null {
    return this.#of(['study', recipe, plan], (client) => client.studies.estimate({ recipe, plan }));
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.changed' && !isActive(event.run)) this.#change();
    if (event.event === 'job.changed' && event.job.kind === 'embed' && !isActive(event.job)) this.#change();
    if (event.event !== 'project.changed' && event.event !== 'counts.changed') return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#change(), settleMilliseconds);
  }

  /** Another project. */
  reset(): void {
    this.#known = new Map();
    this.#change();
  }

  #change(): void {
    this.#version += 1;
  }

  #of(
    question: readonly unknown[],
    ask: (client: StudioClient) => Promise<TimeEstimate | null>,
  ): TimeEstimate | null {
    const key = JSON.stringify(question);
    const version = this.#version;
    const known = this.#known.get(key);
    if (known?.version !== version) this.#ask(key, version, ask);
    return known?.estimate ?? null;
  }

  /** One question after the other: each looks at what is kept of all images. */
  #ask(key: string, version: number, ask: (client: StudioClient) => Promise<TimeEstimate | null>): void {
    const mark = `${version} ${key}`;
    if (this.#asked.has(mark)) return;
    this.#asked.add(mark);
    this.#last = this.#last
      // A recipe that cannot be trained says why in its own place.
      .then(() => this.studio.call(ask).catch(() => null))
      .then((estimate) => {
        this.#asked.delete(mark);
        const kept = [...this.#known].filter(([other]) => other !== key).slice(-mostKept);
        this.#known = new Map([...kept, [key, { estimate, version }]]);
      });
  }
}
