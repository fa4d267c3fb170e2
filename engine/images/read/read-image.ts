/**
 * Reads an image file by sharp: hash and thumbnail, or the reason why it is skipped. For whatever is no plain picture
 * (read-plain.ts); loaded only where there is such a file, since sharp takes a while to load.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import type { SkippedFile } from '#contract/project.ts';
import type { FoundImage } from '../../intake/importer.ts';
import { Budget } from '../decode/budget.ts';
import { makeThumbnail } from '../decode/decode.ts';
import { greatestFile } from '../storage/original-files.ts';
import { isRead, sniff, sniffedBytes, tooManyBytes, whyNotRead } from '../decode/formats.ts';

/** Files that together have more bytes than this are read one after another. */
const reading = new Budget(256 * 1024 * 1024);

type Read = { hash: string; thumbnail: Awaited<ReturnType<typeof makeThumbnail>> } | { skipped: SkippedFile };

/** Never throws: what is wrong with a file is why it is skipped. */
export async function readImage({ path, name }: FoundImage): Promise<Read> {
  const skip = (reason: string): Read => ({ skipped: { path: name, reason } });
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      // Most files that are no images need not be read to their end.
      const start = Buffer.alloc(Math.min(size, sniffedBytes));
      await file.read(start, 0, start.length, 0);
      const content = sniff(start, name);
      if (!isRead(content) && content !== 'unknown') return skip(whyNotRead(content));
      if (size > greatestFile) return skip(isRead(content) ? tooManyBytes : whyNotRead(content));
      return await reading.run(size, async () => {
        const bytes = await file.readFile();
        const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
        return { hash, thumbnail: await makeThumbnail(bytes, name) };
      });
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof AtelierError && thrown.code === 'IMAGE_UNREADABLE')
      return skip(String(thrown.details['reason']));
    return skip(unopened((thrown as NodeJS.ErrnoException).code));
  }
}

/** Why a file could not be read from the disk. */
function unopened(code: string | undefined): string {
  if (code === 'EACCES' || code === 'EPERM') return 'It may not be read: its permissions forbid it.';
  if (code === 'ENOENT') return 'It is gone since the folder was looked through.';
  return `It cannot be read from the disk (${code ?? 'no reason given'}).`;
}
