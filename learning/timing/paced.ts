/** What parts of a training took, each without what comes once before it: what later trainings are estimated by. */

/** So many of something (images, steps, epochs) that took so long. */
export interface Paced {
  count: number;
  seconds: number;
}

export function addPace(paced: Paced, count: number, seconds: number): void {
  paced.count += count;
  paced.seconds += seconds;
}

/** Of a training in one process; of a resumed one what was done there. Parts that were not done have count 0. */
export interface TrainingPaces {
  /** Images that were brought to the recipe's size. */
  packed: Paced;
  /** Images whose features were computed, each view by itself, and all that were. */
  features: Paced & { all: number };
  /** Steps, without the first two, and all that were taken. */
  steps: Paced & { all: number };
  /** Validations of all validation images, without the first where there were more. */
  validations: Paced & { all: number };
}

export const nothingPaced = (): Paced => ({ count: 0, seconds: 0 });

export const nothingPacedInAll: TrainingPaces = {
  packed: { count: 0, seconds: 0 },
  features: { count: 0, seconds: 0, all: 0 },
  steps: { count: 0, seconds: 0, all: 0 },
  validations: { count: 0, seconds: 0, all: 0 },
};
