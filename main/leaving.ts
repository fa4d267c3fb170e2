/**
 * Before Electron quits or leaves a project: what trains there is not cancelled unasked. Knows no Electron: the dialog is
 * handed in.
 */
import type { Job } from '#contract/job.ts';
import { stillTraining, trainingNames } from '#contract/still-training.ts';

/** The message box of main, with the safe answer first. */
export interface Question {
  message: string;
  detail: string;
  buttons: [keep: string, leave: string];
}

/**
 * Whether to quit. Asks where something trains, and where that cannot be told, since no time-out is an absence. A studio that is
 * gone trains nothing.
 * @param jobs null where the studio does not answer in time
 */
export async function mayQuit(
  jobs: () => Promise<readonly Job[] | null>,
  ask: (question: Question) => Promise<'keep' | 'leave'>,
): Promise<boolean> {
  const known = await jobs().catch(() => []);
  if (known === null) return (await ask(noAnswer)) === 'leave';
  const training = trainingNames(known);
  return training.length === 0 || (await ask(questionOf(training, 'quit'))) === 'leave';
}

/** The question about these names. */
export const questionOf = (training: readonly string[], verb: 'quit' | 'leave'): Question => ({
  message: `${stillTraining(training)}.`,
  detail: `To ${verb === 'quit' ? 'quit' : 'leave the project'} cancels it. Its steps so far are kept, and it can be resumed.`,
  buttons: ['Keep Training', verb === 'quit' ? 'Cancel It and Quit' : 'Cancel It and Leave'],
});

const noAnswer: Question = {
  message: 'The studio does not answer yet, so something may be training.',
  detail: 'To quit cancels what trains. Its steps so far are kept, and it can be resumed.',
  buttons: ['Stay', 'Quit Anyway'],
};
