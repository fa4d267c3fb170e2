/** Writing the logs of a run for TensorBoard, and where they were written. */
import type { Studio } from '../../../state/studio.svelte.ts';

export class LogExport {
  /** What was written last, until it is told; null where nothing was. */
  written: { path: string; bytes: number } | null = $state.raw(null);
  exporting = $state(false);

  constructor(private readonly studio: Pick<Studio, 'attempt'>) {}

  async export(runId: string): Promise<void> {
    this.exporting = true;
    this.written = (await this.studio.attempt((client) => client.runs.exportLogs({ runId }))) ?? null;
    this.exporting = false;
  }

  reset(): void {
    this.written = null;
  }
}
