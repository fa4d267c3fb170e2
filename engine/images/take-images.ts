/**
 * Decodes each image of a source once, hashes it and keeps its thumbnail; what cannot be decoded is skipped with the
 * reason. Plain pictures first, by the threads of readers.ts; then, with sharp, all that is not. Goes on where a worker
 * before it died, and skips the file that ended it. Runs in workers.
 */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SetAside } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { append } from '../intake/pack-file.ts';
import type { FoundImage, ReadItem, ReadOptions } from '../intake/source.ts';
import { Budget } from './budget.ts';
import { greatestFile, makeThumbnail } from './decode.ts';
import { decoderEnded, isRead, sniff, sniffedBytes, tooManyBytes, whyNotRead } from './formats.ts';
import { journalName, type Outcome, readJournal, ReadJournal } from './read-journal.ts';
import { openReaders } from './readers.ts';

const atOnce = 4;
/** Plain pictures that a thread is given at once; fewer where there are few, so that no thread is left without. */
const greatestBatch = 32;
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
  const settle = (ends: readonly (readonly [string, Outcome])[]) => {
    journal.end(ends);
    for (const [name, outcome] of ends) outcomes.set(name, outcome);
    options.onProgress(outcomes.size, images.length);
  };
  const requireWanted = () => {
    if (options.signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
  };
  /** @param thumbnails of all of them, one after another */
  const keep = (kept: readonly Kept[], thumbnails: Uint8Array) => {
    // Not a fault of an image: a disk that is full ends the import, it does not skip images.
    append(file, thumbnails, options.pack);
    const ends = kept.map(({ image, ...read }): [string, Outcome] => {
      const { name, className, part, group } = image;
      const item = { name, className, part, ...(group === undefined ? {} : { group }), position, ...read };
      position += read.length;
      return [name, { item }];
    });
    settle(ends);
  };
  const take = async (image: FoundImage) => {
    requireWanted();
    journal.begin([image.name]);
    const read = await readImage(image);
    if ('skipped' in read) return settle([[image.name, read]]);
    const { bytes, width, height, notices } = read.thumbnail;
    keep([{ image, hash: read.hash, width, height, length: bytes.length, notices }], bytes);
  };
  /** @returns those that are not plain */
  const takePlain = async (open: readonly FoundImage[]): Promise<FoundImage[]> => {
    const readers = openReaders(open.length);
    const others: FoundImage[] = [];
    const size = Math.max(1, Math.min(greatestBatch, Math.ceil(open.length / (readers.atOnce * 4))));
    const batches = Array.from({ length: Math.ceil(open.length / size) }, (_, index) =>
      open.slice(index * size, (index + 1) * size),
    );
    try {
      await inParallel(batches, readers.atOnce, async (batch) => {
        requireWanted();
        journal.begin(batch.map(({ name }) => name));
        const { read, thumbnails } = await readers.read(batch.map(({ path }) => path));
        const kept = batch.flatMap((image, index) => {
          const plain = read[index];
          return plain ? [{ image, ...plain, notices: [] }] : [];
        });
        const odd = batch.filter((_, index) => !read[index]);
        keep(kept, thumbnails);
        journal.putOff(odd.map(({ name }) => name));
        others.push(...odd);
      });
    } finally {
      await readers.close();
    }
    return others;
  };
  let finished = false;
  try {
    options.onProgress(outcomes.size, images.length);
    settle(culprits.map((name) => [name, { skipped: { path: name, reason: decoderEnded } }]));
    const byName = new Map(images.map((image) => [image.name, image]));
    for (const name of suspects) {
      const image = byName.get(name);
      if (image) for (const other of await takePlain([image])) await take(other);
    }
    const others = await takePlain(images.filter(({ name }) => !outcomes.has(name)));
    await inParallel(others, atOnce, take);
    finished = true;
  } finally {
    closeSync(file);
    journal.close();
    if (finished || options.signal.aborted) journal.remove();
  }
  return collect(images, outcomes);
}

async function inParallel<T>(list: readonly T[], many: number, work: (one: T) => Promise<void>) {
  let next = 0;
  const workers = Array.from({ length: many }, async () => {
    while (next < list.length) await work(list[next++]!);
  });
  try {
    await Promise.all(workers);
  } finally {
    // Where one gives up, the others come to rest before the files they write to are closed.
    next = list.length;
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

/** An image that is taken, before it has its place in the pack. */
type Kept = { image: FoundImage } & Pick<ReadItem, 'hash' | 'width' | 'height' | 'length' | 'notices'>;

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
