/**
 * manifest.json of a bundle: the SHA-256 of every other file in it, so that whoever reads one can tell a file that is as it
 * was written from one that has changed since. It proves nothing about who wrote it. Writing the zip is left to
 * bundle.ts, reading it to read-bundle.ts.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { AnswerLimits } from '#contract/answer-rule.ts';
import type { NamedFile } from '#learning/files/zip.ts';

export const manifestName = 'manifest.json';
export const bundleFormat = 'atelier-bundle/1';

export const Manifest = z.object({
  format: z.literal(bundleFormat),
  /** Of Atelier. */
  version: z.string().max(100),
  project: z.string().max(1000),
  run: z.object({ id: z.string().max(100), name: z.string().max(1000) }),
  /** When its model answers; absent: always. */
  answerRule: AnswerLimits.optional(),
  files: z
    .array(z.object({ name: z.string().max(1000), bytes: z.int().min(0), sha256: z.string().length(64) }))
    .max(1000),
});
export type Manifest = z.infer<typeof Manifest>;

/** Where a bundle comes from, as its manifest says. */
export type BundleOrigin = Pick<Manifest, 'version' | 'project' | 'run' | 'answerRule'>;

/** Name, size and SHA-256 (hexadecimal) of each file. */
export const digestsOf = (files: readonly NamedFile[]): Manifest['files'] =>
  files.map(({ name, bytes }) => ({
    name,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));

/** The file itself. */
export function manifestFile(origin: BundleOrigin, files: Manifest['files']): NamedFile {
  const manifest: Manifest = { format: bundleFormat, ...origin, files };
  return {
    name: manifestName,
    bytes: new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`),
  };
}
