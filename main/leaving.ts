/**
 * Before Electron quits or leaves a project: what trains there is not cancelled unasked. Knows no Electron: the dialog is
 * handed in.
 */
import type { Job } from '#contract/job.ts';
import { stillTraining, trainingNames } from '#contract/training.ts';

/** The message box of main, with the safe answer first. */
export interface Question {
  message: string;
  detail: string;
  buttons: [keep: string, leave: string];
}

/** Whether to quit. Asks only where something trains; a studio that cannot tell what it does is no reason to stay. */
export async function mayQuit(
  jobs: () => Promise<readonly Job[]>,
  ask: (question: Question) => Promise<'keep' | 'leave'>,
): Promise<boolean> {
  const training = trainingNames(await jobs().catch(() => []));
  return training.length === 0 || (await ask(questionOf(training, 'quit'))) === 'leave';
}

/** The question about these names. */
export const questionOf = (training: readonly string[], verb: 'quit' | 'leave'): Question => ({
  message: `${stillTraining(training)}.`,
  detail: `To ${verb === 'quit' ? 'quit' : 'leave the project'} cancels it. Its steps so far are kept, and it can be resumed.`,
  buttons: ['Keep Training', verb === 'quit' ? 'Cancel It and Quit' : 'Cancel It and Leave'],
});
