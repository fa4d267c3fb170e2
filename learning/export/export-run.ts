/**
 * Writes a run in one of the formats: made and proved first, then written beside its path, read back, and put in place. It is
 * there whole or not at all. What is in it is the exporter's; choosing the images to compare on, and the evaluation, is left
 * to the caller.
 */
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ExportedRun, ExportFormat } from '#contract/exporters.ts';
import { streamDurably, type StreamFile } from '#learning/files/durable-file.ts';
import type { ExportInput } from './export-input.ts';
import { exporters } from './exporters.ts';

/**
 * @param write a test's own way to write
 * @throws PARITY_FAILED where the exported model answers otherwise, CANCELLED, DISK_FULL, FILE_NOT_WRITABLE,
 *   BUNDLE_DAMAGED where what was read back is not what was written; nothing is at `path` then but what was there before
 */
export async function exportRun(
  format: ExportFormat,
  input: ExportInput,
  write: StreamFile = streamDurably,
): Promise<Pick<ExportedRun, 'format' | 'bytes' | 'sha256' | 'files' | 'parity'>> {
  const { path, signal } = input;
  const exporter = exporters[format];
  const made = await exporter.make(input);
  if (signal?.aborted) throw new AtelierError('CANCELLED', 'The export was cancelled; nothing was written.');
  await removeParts(path);
  const written = createHash('sha256');
  let sha256 = '';
  await write(path, hashed(made.content, written), {
    temporary: `${path}.${randomBytes(6).toString('hex')}.part`,
    check: async (part) => {
      sha256 = written.digest('hex');
      await refuseOther(part, sha256);
      await exporter.check?.(part);
    },
  });
  const { size } = await stat(path);
  return { format, bytes: size, sha256, files: made.files, parity: made.parity };
}

async function* hashed(content: AsyncIterable<Uint8Array>, hash: Hash): AsyncIterable<Uint8Array> {
  for await (const part of content) {
    hash.update(part);
    yield part;
  }
}

async function refuseOther(path: string, sha256: string): Promise<void> {
  const read = createHash('sha256');
  for await (const part of createReadStream(path)) read.update(part as Uint8Array);
  if (read.digest('hex') === sha256) return;
  throw new AtelierError(
    'BUNDLE_DAMAGED',
    'The export was read back otherwise than it was written, so nothing was put in place. Check the disk, then export again.',
  );
}

/** What exports to this path left behind that were killed. One that is under way elsewhere then fails, and says so. */
async function removeParts(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = await readdir(folder).catch(() => []);
  for (const left of names) {
    if (left.startsWith(`${name}.`) && /^\.[0-9a-f]{12}\.part$/.test(left.slice(name.length)))
      await rm(join(folder, left), { force: true });
  }
}
