/** Waits until a served studio is to end: at once, or at the second Ctrl-C where something trains. */
import type { StudioClient } from '#contract/rpc.ts';
import { stillTraining, trainingNames } from '#contract/still-training.ts';
import type { Interruption } from './command.ts';
import type { Output } from './output.ts';

/** Resolves when the person has asked for the end and, while something trains, has said so twice. SIGTERM is not asked back. */
export function untilToldToEnd(client: StudioClient, output: Output, signal: Interruption): Promise<void> {
  return new Promise((resolve) => {
    let state: 'open' | 'asked' | 'ending' = 'open';
    const end = () => {
      state = 'ending';
      resolve();
    };
    signal.onInterrupt((name) => {
      if (state === 'ending') return 'quit';
      if (name === 'SIGTERM' || state === 'asked') {
        end();
        return 'wait';
      }
      state = 'asked';
      void client.jobs.list().then(
        (jobs) => {
          const names = trainingNames(jobs);
          if (state !== 'asked') return;
          if (names.length === 0) return end();
          output.note(
            `${stillTraining(names)}. Press Ctrl-C again to cancel it and end the studio; it can be resumed later. Until then everything goes on.`,
          );
        },
        () => end(),
      );
      return 'wait';
    });
  });
}
