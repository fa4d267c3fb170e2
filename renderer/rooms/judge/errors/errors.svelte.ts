/** The errors of the evaluation that is shown: its greatest losses, and slices that are wrong more often than the rest; and which of them is listed. */
import type { Evaluation } from '#contract/evaluation.ts';
import type { Slice, Slices } from '#contract/slices.ts';
import type { ImageBrowser } from '../../../state/browser.svelte.ts';
import type { Studio } from '../../../state/studio.svelte.ts';
import { Beside } from '../beside.svelte.ts';

export const topLosses = 'top-losses';

export class ErrorsStore extends Beside<Slices> {
  /** Which list is open, and of which evaluation. */
  #listed: { of: string; list: string } | null = $state.raw(null);

  constructor(
    studio: Pick<Studio, 'call' | 'attempt' | 'working' | 'project'>,
    private readonly browser: Pick<ImageBrowser, 'show'>,
  ) {
    super(studio, {
      job: 'slices',
      finished: 'slices.finished',
      read: (client, asked) => client.slices.get(asked),
      start: (client, asked) => client.slices.start(asked),
    });
  }

  /** The list of this evaluation that is open; null where none is. */
  listOf(evaluation: Evaluation): string | null {
    return this.#listed?.of === keyOf(evaluation) ? this.#listed.list : null;
  }
  /** The slice that is listed. */
  sliceOf(evaluation: Evaluation): Slice | null {
    const list = this.listOf(evaluation);
    return this.get(evaluation)?.slices.find(({ id }) => id === list) ?? null;
  }

  open(evaluation: Evaluation, list: string): void {
    this.#listed = { of: keyOf(evaluation), list };
    const { runId, split } = evaluation;
    const of = { runId, split };
    void this.browser.show(list === topLosses ? { byLoss: of } : { errors: { ...of, list } });
  }
  close(): void {
    this.#listed = null;
  }

  override reset(): void {
    super.reset();
    this.close();
  }
}

const keyOf = ({ runId, split, evaluatedAt }: Evaluation) => `${runId}/${split}/${evaluatedAt}`;
