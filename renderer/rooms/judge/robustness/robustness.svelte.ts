/** Corruption sweeps beside evaluations. They take minutes, so a person begins them. */
import type { Robustness } from '#contract/robustness.ts';
import type { Studio } from '../../../state/studio.svelte.ts';
import { Beside } from '../beside.svelte.ts';

export class RobustnessStore extends Beside<Robustness> {
  constructor(studio: Pick<Studio, 'call' | 'attempt' | 'working' | 'project'>) {
    super(studio, {
      job: 'robustness',
      finished: 'robustness.finished',
      read: (client, asked) => client.robustness.get(asked),
      start: (client, asked) => client.robustness.start(asked),
    });
  }
}
