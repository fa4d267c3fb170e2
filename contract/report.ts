/** A report of a run as one file: what is asked for, and the file. */
import * as z from 'zod';

export const reportFormats = ['html', 'markdown'] as const;
export const ReportFormat = z.enum(reportFormats);
export type ReportFormat = z.infer<typeof ReportFormat>;

export const WrittenReport = z.object({
  /** Of a file, without a folder. */
  name: z.string(),
  text: z.string(),
});
export type WrittenReport = z.infer<typeof WrittenReport>;
