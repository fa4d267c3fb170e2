/** What most tasks tell while they are under way. */

/** Progress of the part of a task that is under way. */
export interface StepDone {
  kind: 'step';
  done: number;
  total: number | null;
  /** "images", "files". */
  unit: string;
}
