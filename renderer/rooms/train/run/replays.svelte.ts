/** Replays of runs: read where a run is looked at, replaced when one is finished. */
import type { StudioEvent } from '#contract/events.ts';
import type { Replay } from '#contract/replay.ts';
import { moment } from '../../../format.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

export class Replays {
  /** null: it was never replayed. */
  #known: Record<string, Replay | null> = $state.raw({});

  constructor(private readonly studio: Pick<Studio, 'attempt' | 'call' | 'working'>) {}

  get(runId: string): Replay | null | undefined {
    return this.#known[runId];
  }
  isUnderWay(runId: string): boolean {
    return this.studio.working.some((job) => job.kind === 'replay' && job.runId === runId);
  }

  async want(runId: string): Promise<void> {
    if (this.#known[runId] !== undefined) return;
    // What cannot be read is not shown; a replay can be made again.
    const replay = await this.studio.call((client) => client.runs.replayed({ runId })).catch(() => null);
    this.#known = { [runId]: replay, ...this.#known };
  }
  async start(runId: string): Promise<void> {
    await this.studio.attempt((client) => client.runs.replay({ runId }));
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.replayed') this.#known = { ...this.#known, [event.replay.runId]: event.replay };
  }
  reset(): void {
    this.#known = {};
  }
}

export function replayWords({ replayedAt, equal, firstDifference, sameEngine, epochs }: Replay): string {
  const when = `Trained once more ${moment(replayedAt)}`;
  if (equal) return `${when}: all figures of ${epochs} epochs and the weights are equal to the last bit.`;
  const why = sameEngine ? '' : ' Another engine computed it, of which equal figures cannot be expected.';
  return firstDifference
    ? `${when}: not equal. First ${firstDifference.key} of epoch ${firstDifference.epoch}, ${firstDifference.before} then and ${firstDifference.after} now.${why}`
    : `${when}: the figures are equal, the weights are not.${why}`;
}
