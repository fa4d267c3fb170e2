/**
 * What an exporter is. It makes the content and its proof; that the file is there whole or not at all, that it is read back,
 * and that a cancelled export leaves nothing, is export-run.ts, the same for all. Its name and help are a line of
 * contract/exporters.ts.
 */
import type { ExportedRun } from '#contract/exporters.ts';
import type { ExportInput } from './export-input.ts';

export interface Made extends Pick<ExportedRun, 'files' | 'parity'> {
  /** The file, part by part: the same bytes for the same input, so no clock, no owner and no chance. */
  content: AsyncIterable<Uint8Array>;
}

export interface Exporter {
  /**
   * Makes the content after another runtime has reproduced the studio's answers with the very bytes that are to be shipped
   * (proven-model.ts).
   * @throws PARITY_FAILED, CANCELLED
   */
  make(input: ExportInput): Promise<Made>;
  /**
   * Reads what was written as its users will, where the format has a reader of ours.
   * @param path of the file under its temporary name
   * @throws BUNDLE_DAMAGED
   */
  check?(path: string): Promise<void>;
}
