/**
 * Decodes each image of a source once, hashes it and keeps its thumbnail; what cannot be decoded is skipped with the
 * reason. Plain pictures first, in the threads of readers.ts, then all others with sharp. Goes on where a worker before it
 * died, and skips the file that ended it. Runs in workers.
 */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { AtelierError } from '#contract/errors.ts';
import type { SkippedFile } from '#contract/project.ts';
import { append } from '../packs/pack-file.ts';
import type { FoundImage, ReadItem, ReadOptions } from '../../intake/importer.ts';
import { decoderEnded } from '../decode/formats.ts';
import { journalName, type Outcome, readJournal, ReadJournal } from './journal.ts';
import { openReaders } from './readers.ts';

/** Images that sharp decodes at once. */
const atOnce = 4;
/** Images that a thread is given at once; fewer where there are few, so that no thread is left without. */
const greatestBatch = 32;

interface Taken {
  /** In the order in which the images were found. */
  items: ReadItem[];
  skipped: SkippedFile[];
}

/** @throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE; a file that is wrong never throws */
export async function takeImages(images: readonly FoundImage[], options: ReadOptions): Promise<Taken> {
  const taking = new Taking(images.length, options);
  let finished = false;
  try {
    const byName = new Map(images.map((image) => [image.name, image]));
    for (const name of taking.suspects) {
      const image = byName.get(name);
      if (image) await takeAll([image], taking);
    }
    await takeAll(
      images.filter(({ name }) => !taking.outcomes.has(name)),
      taking,
    );
    finished = true;
  } finally {
    taking.close(finished || options.signal.aborted);
  }
  return collect(images, taking.outcomes);
}

async function takeAll(images: readonly FoundImage[], taking: Taking): Promise<void> {
  const others = await takePlain(images, taking);
  if (others.length === 0) return;
  const { readImage } = await import('./read-image.ts');
  await inParallel(others, atOnce, async (image) => {
    taking.begin([image]);
    const read = await readImage(image);
    if ('skipped' in read) return taking.skip(image, read);
    const { bytes, width, height, notices } = read.thumbnail;
    taking.keep([{ image, hash: read.hash, width, height, length: bytes.length, notices }], bytes);
  });
}

/** @returns those that are no plain pictures */
async function takePlain(images: readonly FoundImage[], taking: Taking): Promise<FoundImage[]> {
  const readers = openReaders(images.length);
  const size = Math.max(1, Math.min(greatestBatch, Math.ceil(images.length / (readers.atOnce * 4))));
  const batches = Array.from({ length: Math.ceil(images.length / size) }, (_, index) =>
    images.slice(index * size, (index + 1) * size),
  );
  const others: FoundImage[] = [];
  try {
    await inParallel(batches, readers.atOnce, async (batch) => {
      taking.begin(batch);
      const { read, thumbnails } = await readers.read(batch.map(({ path }) => path));
      const plain = batch.flatMap((image, index) => {
        const found = read[index];
        return found ? [{ image, ...found, notices: [] }] : [];
      });
      taking.keep(plain, thumbnails);
      const left = batch.filter((_, index) => !read[index]);
      taking.putOff(left);
      others.push(...left);
    });
  } finally {
    await readers.close();
  }
  return others;
}

/** An image that was read, before it has its place in the pack. */
type Kept = { image: FoundImage } & Pick<ReadItem, 'hash' | 'width' | 'height' | 'length' | 'notices'>;

/** What has been read so far: in the pack, in the journal and in memory. */
class Taking {
  readonly outcomes: Map<string, Outcome>;
  /** Files that were being read when a worker before died. */
  readonly suspects: readonly string[];
  readonly #journal: ReadJournal;
  readonly #pack: number;
  #position = 0;

  constructor(
    private readonly images: number,
    private readonly options: ReadOptions,
  ) {
    const { pack, resume } = options;
    const path = journalName(pack);
    const { outcomes, suspects, culprits } = resume
      ? readJournal(path)
      : { outcomes: new Map<string, Outcome>(), suspects: [], culprits: [] };
    this.outcomes = outcomes;
    this.suspects = suspects;
    this.#journal = new ReadJournal(path);
    this.#pack = openSync(pack, resume ? 'a' : 'w');
    for (const outcome of outcomes.values())
      if ('item' in outcome)
        this.#position = Math.max(this.#position, outcome.item.position + outcome.item.length);
    // What a worker wrote and did not note down before it died.
    if (resume) ftruncateSync(this.#pack, this.#position);
    options.onProgress(outcomes.size, images);
    this.#settle(culprits.map((name) => [name, { skipped: { path: name, reason: decoderEnded } }]));
  }

  /** They are being read from now on. @throws CANCELLED */
  begin(images: readonly FoundImage[]): void {
    if (this.options.signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
    this.#journal.begin(images.map(({ name }) => name));
  }

  putOff(images: readonly FoundImage[]): void {
    this.#journal.putOff(images.map(({ name }) => name));
  }

  skip({ name }: FoundImage, outcome: { skipped: SkippedFile }): void {
    this.#settle([[name, outcome]]);
  }

  /** @param thumbnails of all of them, one after another @throws DISK_FULL, FILE_NOT_WRITABLE */
  keep(kept: readonly Kept[], thumbnails: Uint8Array): void {
    // Not a fault of an image: a disk that is full ends the import, it does not skip images.
    append(this.#pack, thumbnails, this.options.pack);
    const ends = kept.map(({ image, ...read }): [string, Outcome] => {
      const { name, className, part, group } = image;
      const found = { name, className, part, ...(group === undefined ? {} : { group }) };
      const item = { ...found, ...read, position: this.#position };
      this.#position += read.length;
      return [name, { item }];
    });
    this.#settle(ends);
  }

  /** @param done nobody will go on with it */
  close(done: boolean): void {
    closeSync(this.#pack);
    this.#journal.close();
    if (done) this.#journal.remove();
  }

  #settle(ends: readonly (readonly [name: string, outcome: Outcome])[]): void {
    if (ends.length === 0) return;
    this.#journal.end(ends);
    for (const [name, outcome] of ends) this.outcomes.set(name, outcome);
    this.options.onProgress(this.outcomes.size, this.images);
  }
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
