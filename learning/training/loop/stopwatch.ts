/**
 * Time of a run: how fast, and how long it will still take. Time is told apart by what it was spent on, so that a
 * checkpoint or a full disk slows nothing down on paper, and it can be taken over by a resumed run. Knows nothing of
 * what is timed.
 */

import { addPace, nothingPaced, type TrainingPaces } from '#learning/timing/paced.ts';

/** The first steps of a process include tracing and warming up: they say nothing on the rest. */
const warmUpSteps = 2;

/** Seconds; what a checkpoint keeps. */
export interface Elapsed {
  /** Of the epoch under way. */
  training: number;
  validation: number;
  /** Of the last whole epoch, beside its steps. */
  lastValidation: number;
  /** Steps that were timed, and what they took. */
  measuredSteps: number;
  measuredSeconds: number;
}

export type Activity = 'training' | 'validation' | 'nothing';

export const nothingElapsed: Elapsed = {
  training: 0,
  validation: 0,
  lastValidation: 0,
  measuredSteps: 0,
  measuredSeconds: 0,
};

export class Stopwatch {
  #elapsed: Elapsed;
  #activity: Activity = 'nothing';
  #since = 0;
  #stepsHere = 0;
  /** In this process, without what comes first. */
  readonly #paced = { steps: nothingPaced(), validations: nothingPaced() };
  #validationsHere = 0;
  /** Training seconds of the epoch at the last reading, and at the last step. */
  #reading: number;
  #step: number;

  /**
   * @param elapsed what a checkpoint kept
   * @param now seconds
   */
  constructor(
    readonly stepsPerEpoch: number,
    readonly epochs: number,
    elapsed: Elapsed = nothingElapsed,
    readonly now = () => performance.now() / 1000,
  ) {
    this.#elapsed = { ...elapsed };
    this.#reading = this.#step = elapsed.training;
  }

  /** Time from now on is spent on this; on nothing, it does not count. @returns what it was spent on before */
  spendOn(activity: Activity): Activity {
    const before = this.#activity;
    this.#settle();
    this.#activity = activity;
    return before;
  }

  /** After each step. */
  step(): void {
    const { training } = this.#settle();
    this.#stepsHere += 1;
    if (this.#stepsHere > warmUpSteps) {
      this.#elapsed.measuredSteps += 1;
      this.#elapsed.measuredSeconds += training - this.#step;
      addPace(this.#paced.steps, 1, training - this.#step);
    }
    this.#step = training;
  }

  /** Seconds of training since the last reading, or the epoch's start. */
  sinceReading(): number {
    return this.#settle().training - this.#reading;
  }

  /** The same, never zero, since it divides; starts the next. */
  read(): number {
    const seconds = this.sinceReading();
    this.#reading += seconds;
    return Math.max(seconds, 1e-9);
  }

  /** Seconds of the epoch under way; the next begins. */
  endEpoch(): { training: number; all: number } {
    const { training, validation } = this.#settle();
    this.#validationsHere += 1;
    // The first includes tracing; where it is the only one, it tells more than nothing.
    if (this.#validationsHere === 2) Object.assign(this.#paced.validations, nothingPaced());
    addPace(this.#paced.validations, 1, validation);
    this.#elapsed = { ...this.#elapsed, training: 0, validation: 0, lastValidation: validation };
    this.#reading = this.#step = 0;
    return { training: Math.max(training, 1e-9), all: training + validation };
  }

  /**
   * Null until enough steps were timed.
   * @param stepsDone of the whole run
   */
  secondsLeft(stepsDone: number): number | null {
    const { measuredSteps, measuredSeconds, lastValidation } = this.#elapsed;
    if (measuredSteps === 0) return null;
    const steps = this.stepsPerEpoch * this.epochs - stepsDone;
    const validations = Math.ceil(steps / this.stepsPerEpoch);
    return (steps * measuredSeconds) / measuredSteps + Math.max(validations, 1) * lastValidation;
  }

  /** Of what was done in this process. */
  paces(): Pick<TrainingPaces, 'steps' | 'validations'> {
    const { steps, validations } = this.#paced;
    return {
      steps: { ...steps, all: this.#stepsHere },
      validations: { ...validations, all: this.#validationsHere },
    };
  }

  elapsed(): Elapsed {
    return { ...this.#settle() };
  }

  #settle(): Elapsed {
    const now = this.now();
    if (this.#activity !== 'nothing') this.#elapsed[this.#activity] += now - this.#since;
    this.#since = now;
    return this.#elapsed;
  }
}
