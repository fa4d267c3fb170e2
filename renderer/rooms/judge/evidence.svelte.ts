/** How sure the figures of evaluations are. */
import type { Evidence } from '#contract/evidence.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { Beside } from './beside.svelte.ts';

export class EvidenceStore extends Beside<Evidence> {
  constructor(studio: Pick<Studio, 'call' | 'attempt' | 'working' | 'project'>) {
    super(studio, {
      job: 'evidence',
      finished: 'evidence.finished',
      read: (client, asked) => client.evaluations.evidence(asked),
      start: (client, asked) => client.evaluations.startEvidence(asked),
    });
  }
}
