/**
 * Time of a run: how fast, and how long it will still take. Knows nothing of what is timed.
 */

/** The first steps of a process include tracing and warming up: they say nothing on the rest. */
const warmUpSteps = 2;

export class Stopwatch {
  #epochStart = 0;
  #lastReading = 0;
  #epoch = 1;
  #stepInEpoch = 0;
  #measuredSteps = 0;
  #measuredSeconds = 0;
  #stepsSoFar = 0;
  #lastStep = 0;
  /** Of one epoch, beside its steps: validation and checkpoint. */
  #restSeconds = 0;
  #trainSeconds = 0;

  /** @param now seconds */
  constructor(
    readonly stepsPerEpoch: number,
    readonly epochs: number,
    readonly now = () => performance.now() / 1000,
  ) {}

  startEpoch(epoch: number): void {
    this.#epoch = epoch;
    this.#stepInEpoch = 0;
    this.#epochStart = this.#lastReading = this.#lastStep = this.now();
  }

  /** After each step. */
  step(): void {
    const now = this.now();
    this.#stepInEpoch += 1;
    this.#stepsSoFar += 1;
    if (this.#stepsSoFar > warmUpSteps) {
      this.#measuredSteps += 1;
      this.#measuredSeconds += now - this.#lastStep;
    }
    this.#lastStep = now;
  }

  sinceReading(): number {
    return this.now() - this.#lastReading;
  }

  /** Seconds since the last reading (or the epoch's start); starts the next. */
  read(): number {
    const now = this.now();
    const seconds = now - this.#lastReading;
    this.#lastReading = now;
    // Never zero: it divides.
    return Math.max(seconds, 1e-9);
  }

  /** Of the epoch's training part. */
  endTraining(): number {
    this.#trainSeconds = Math.max(this.now() - this.#epochStart, 1e-9);
    return this.#trainSeconds;
  }

  /** Of the whole epoch. */
  endEpoch(): number {
    const seconds = this.now() - this.#epochStart;
    this.#restSeconds = seconds - this.#trainSeconds;
    return seconds;
  }

  /** Null until enough steps were timed. */
  secondsLeft(): number | null {
    if (this.#measuredSteps === 0) return null;
    const steps = (this.epochs - this.#epoch) * this.stepsPerEpoch + this.stepsPerEpoch - this.#stepInEpoch;
    const rests = (this.epochs - this.#epoch + 1) * this.#restSeconds;
    return (steps * this.#measuredSeconds) / this.#measuredSteps + rests;
  }
}
