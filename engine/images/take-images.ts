/**
 * Decodes each image of a source once, hashes it and keeps its thumbnail; what cannot be decoded is skipped with the
 * reason. Goes on where a worker before it died, and skips the file that ended it. Runs in workers.
 */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import type { SetAside } from '#contract/project.ts';
import { append } from '../intake/pack-file.ts';
import type { FoundImage, ReadItem, ReadOptions } from '../intake/source.ts';
import { Budget } from './budget.ts';
import { greatestFile, makeThumbnail } from './decode.ts';
import { decoderEnded, isRead, sniff, sniffedBytes, tooManyBytes, whyNotRead } from './formats.ts';
import { journalName, type Outcome, readJournal, ReadJournal } from './read-journal.ts';

const atOnce = 4;
/** Files that together have more bytes than this are read one after another. */
const reading = new Budget(256 * 1024 * 1024);

export interface Taken {
  /** In the order in which the images were found. */
  items: ReadItem[];
  skipped: SetAside[];
}

/** @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE; a file that is wrong never throws */
export async function takeImages(images: readonly FoundImage[], options: ReadOptions): Promise<Taken> {
  const journalPath = journalName(options.pack);
  const { outcomes, suspects, culprits } = options.resume
    ? readJournal(journalPath)
    : { outcomes: new Map<string, Outcome>(), suspects: [], culprits: [] };
  const journal = new ReadJournal(journalPath);
  const file = openSync(options.pack, options.resume ? 'a' : 'w');
  let position = 0;
  for (const outcome of outcomes.values())
    if ('item' in outcome) position = Math.max(position, outcome.item.position + outcome.item.length);
  // What a worker wrote and did not note down before it died.
  if (options.resume) ftruncateSync(file, position);
  const settle = (name: string, outcome: Outcome) => {
    journal.end(name, outcome);
    outcomes.set(name, outcome);
    options.onProgress(outcomes.size, images.length);
  };
  const take = async (image: FoundImage) => {
    if (options.signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
    journal.begin(image.name);
    const read = await readImage(image);
    if ('skipped' in read) return settle(image.name, read);
    const { name, className, part, group } = image;
    const found = { name, className, part, ...(group === undefined ? {} : { group }) };
    const { hash, thumbnail } = read;
    // Not a fault of the image: a disk that is full ends the import, it does not skip images.
    append(file, thumbnail.bytes, options.pack);
    const { length } = thumbnail.bytes;
    const { width, height, notices } = thumbnail;
    settle(image.name, { item: { ...found, width, height, hash, position, length, notices } });
    position += length;
  };
  let finished = false;
  try {
    options.onProgress(outcomes.size, images.length);
    for (const name of culprits) settle(name, { skipped: { path: name, reason: decoderEnded } });
    const byName = new Map(images.map((image) => [image.name, image]));
    for (const name of suspects) {
      const image = byName.get(name);
      if (image) await take(image);
    }
    const open = images.filter(({ name }) => !outcomes.has(name));
    await inParallel(open, take);
    finished = true;
  } finally {
    closeSync(file);
    journal.close();
    if (finished || options.signal.aborted) journal.remove();
  }
  return collect(images, outcomes);
}

async function inParallel(images: readonly FoundImage[], take: (image: FoundImage) => Promise<void>) {
  let next = 0;
  const workers = Array.from({ length: atOnce }, async () => {
    while (next < images.length) await take(images[next++]!);
  });
  try {
    await Promise.all(workers);
  } finally {
    // Where one gives up, the others come to rest before the files they write to are closed.
    next = images.length;
    await Promise.allSettled(workers);
  }
}

function collect(images: readonly FoundImage[], outcomes: ReadonlyMap<string, Outcome>): Taken {
  const taken: Taken = { items: [], skipped: [] };
  for (const { name } of images) {
    const outcome = outcomes.get(name);
    if (!outcome) continue;
    if ('skipped' in outcome) taken.skipped.push(outcome.skipped);
    else taken.items.push(outcome.item);
  }
  return taken;
}

type Read = { hash: string; thumbnail: Awaited<ReturnType<typeof makeThumbnail>> } | { skipped: SetAside };

async function readImage({ path, name }: FoundImage): Promise<Read> {
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
