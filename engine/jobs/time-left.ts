/**
 * What a training under way will still take, phase by phase: what is done now by its own pace, what comes after by what was
 * measured on this machine before. A phase that has no pace yet is taken from there, too.
 */
import type { Recipe } from '#recipe/recipe.ts';
import type { EngineInfo } from '#contract/run.ts';
import { type PartCounts, trainingCosts } from '#learning/timing/costs.ts';
import { type UnitTimes, unitTimes } from '#learning/timing/estimate.ts';
import { type Pace, type PaceEngine, ratioFor } from '#learning/timing/paces.ts';

/** What it is about. */
export interface TimedTraining {
  recipe: Recipe;
  classCount: number;
  counts: PartCounts;
  /** Of an original, the median; 0 where they are kept as pixels. */
  sourcePixels: number;
  /** Whether its parts are evaluated at its end. */
  evaluates: boolean;
  paces: readonly Pace[];
  /** As far as it is known before the training says so. */
  engine: PaceEngine;
}

/** Before that, a pace says little. */
const leastSeconds = 1;

export class TimeLeft {
  #engine: PaceEngine;
  #first: { phase: string; at: number; done: number } | null = null;
  /** Of an image whose features were computed here, in seconds. */
  #featurePace: number | null = null;
  #computesFeatures = false;

  /** @param now seconds */
  constructor(
    private readonly training: TimedTraining,
    private readonly now = () => performance.now() / 1000,
  ) {
    this.#engine = training.engine;
  }

  /** The engine that computes, once it is known. */
  begins({ kind, device, threads, precision }: EngineInfo): void {
    this.#engine = { kind, device, threads, precision };
  }

  /** While images are brought to size, or features computed. null where nothing says how long the rest will take. */
  preparing(phase: 'images' | 'features', done: number, total: number): number | null {
    if (phase === 'features') this.#computesFeatures = true;
    const pace = this.#paceOf(phase, done);
    const unit = this.#unit();
    const each = pace ?? (phase === 'images' ? unit?.image : unit?.feature) ?? null;
    if (each === null || !unit) return null;
    const { epochs } = this.training.recipe.training;
    const features = phase === 'images' ? this.#featuresAhead() * unit.feature : 0;
    return (
      (total - done) * each + features + epochs * (unit.steps + unit.besideSteps) + this.#evaluation(unit)
    );
  }

  /**
   * While steps are taken.
   * @param stopwatch what the training itself says of its steps, and of its validations once there was one
   */
  stepping(stopwatch: number | null, step: number, steps: number): number | null {
    const unit = this.#unit();
    const { epochs } = this.training.recipe.training;
    const share = steps > 0 ? (steps - step) / steps : 0;
    const own = stopwatch ?? (unit ? share * epochs * (unit.steps + unit.besideSteps) : null);
    if (own === null || !unit) return own;
    // The first validation is still to come: nothing was measured of it.
    const unseen = stopwatch !== null && step <= steps / epochs ? epochs * unit.besideSteps : 0;
    return own + unseen + this.#evaluation(unit);
  }

  #evaluation(unit: UnitTimes): number {
    const { evaluates, counts } = this.training;
    if (!evaluates) return 0;
    return unit.answers + (this.#computesFeatures ? counts.test * unit.feature : 0);
  }

  /** Of a training whose images are brought to size, which are those that are looked at. */
  #featuresAhead(): number {
    const { recipe, classCount, counts } = this.training;
    const { feature, views } = trainingCosts(recipe, classCount, counts, 0);
    return feature ? counts.train * views + counts.validation : 0;
  }

  /** Seconds for each, by what was done in this phase; null before that says something. */
  #paceOf(phase: 'images' | 'features', done: number): number | null {
    const at = this.now();
    if (this.#first?.phase !== phase || done < this.#first.done) this.#first = { phase, at, done };
    const seconds = at - this.#first.at;
    const count = done - this.#first.done;
    if (seconds < leastSeconds || count === 0) return null;
    if (phase === 'features') this.#featurePace = seconds / count;
    return seconds / count;
  }

  /** null where nothing was measured on this machine, neither before nor now. */
  #unit(): UnitTimes | null {
    const { recipe, classCount, counts, sourcePixels, paces } = this.training;
    const { step, feature } = trainingCosts(recipe, classCount, counts, sourcePixels);
    const own = this.#featurePace !== null && feature ? this.#featurePace / feature.seconds : null;
    if (ratioFor(paces, this.#engine, step) === null && own === null) return null;
    return unitTimes(
      recipe,
      classCount,
      { ...counts, sourcePixels, computesFeatures: this.#computesFeatures },
      this.#engine,
      (cost) => (cost.part === 'features' ? own : null) ?? ratioFor(paces, this.#engine, cost) ?? own,
    );
  }
}
