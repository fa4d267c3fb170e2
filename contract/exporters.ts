/**
 * What a run can be exported as: the one list that the window's choice, `atelier export --format`, the schema of commands and
 * the documents follow. Writing each is learning/export/exporters.ts, where the compiler asks for what stands here. And what
 * an export leaves behind: its files, and the proof that they answer as the studio does.
 */
import * as z from 'zod';
import { RunId } from './ids.ts';

interface ExporterEntry {
  key: string;
  label: string;
  /** What the file holds and whom it is for, in a sentence or two. */
  help: string;
  /** Of the file, without a dot. */
  extension: string;
  /** MIME type. */
  type: string;
}

/** The first is what is written where nothing else is asked for. */
export const exporters = [
  {
    key: 'bundle',
    label: 'Bundle',
    help: 'One zip: the model as ONNX with preprocessing and softmax inside, the weights as safetensors, labels, recipe, examples of use, and test images with the answers they must give.',
    extension: 'zip',
    type: 'application/zip',
  },
  {
    key: 'onnx',
    label: 'ONNX model',
    help: 'Only the model, for a program that has its own place for it: preprocessing and softmax are inside, the class names in its metadata.',
    extension: 'onnx',
    type: 'application/octet-stream',
  },
] as const satisfies readonly ExporterEntry[];

export type ExportFormat = (typeof exporters)[number]['key'];
export const exportFormats = exporters.map(({ key }) => key);
export const ExportFormat = z.enum(exportFormats);

export const exporterOf = (format: ExportFormat): ExporterEntry =>
  exporters.find(({ key }) => key === format)!;

/** Proof that the exported file answers as the studio does. */
export const Parity = z.object({
  images: z.int(),
  largestDifference: z.number(),
  labelFlips: z.int(),
  tolerance: z.number(),
  passed: z.boolean(),
  /** With an answer rule: other verdicts, and the greatest difference of a novelty, as a share of it. */
  verdictFlips: z.int().optional(),
  largestNoveltyDifference: z.number().optional(),
  runtime: z.string(),
});
export type Parity = z.infer<typeof Parity>;

/** The last export of a run. */
export const ExportedRun = z.object({
  runId: RunId,
  /** Exports of before there was a choice are bundles. */
  format: ExportFormat.default('bundle'),
  path: z.string(),
  bytes: z.int(),
  /** Of the file, in hexadecimal; absent in exports of before. */
  sha256: z.string().optional(),
  /** What is in the file, or the file itself; SHA-256 in hexadecimal. */
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
  parity: Parity,
  createdAt: z.string(),
});
export type ExportedRun = z.infer<typeof ExportedRun>;
