/**
 * Task `embed`: the embeddings of a project's images that are missing. Each is kept as soon as it and a few others are
 * computed, so that whatever ends the worker costs no more than those. Originals are decoded while others are computed.
 */
import { AtelierError } from '#contract/errors.ts';
import { embeddingNetwork } from '#learning/embeddings/embedding-network.ts';
import { toNetworkInput } from '../../images/decode/decode.ts';
import { openFeatureFile } from '../../images/features/feature-store.ts';
import { ChangedOriginals, type Original } from '../../images/storage/changed-originals.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { storageOf } from '../../images/storage/storages.ts';
import { workerEngine } from '../engine.ts';
import type { TaskFunction } from '../protocol.ts';

/** Images that are decoded, computed and kept together. */
const together = 64;
const decodedAtOnce = 4;
/** Rows that are looked for in one go: their features are held in memory meanwhile. */
const lookedForAtOnce = 2048;

export const embed: TaskFunction<'embed'> = async ({ project, origin, lastItemId }, { emit, signal }) => {
  const network = await embeddingNetwork(origin);
  const { preprocessing, size } = network;
  const items = originalsUpTo(project, lastItemId);
  const rows = Int32Array.from(items.keys()).filter((row) => !items[row]!.removed);
  const file = await openFeatureFile(
    'write',
    project,
    preprocessing,
    items.map(({ hash }) => hash),
    network,
  );
  try {
    const missing: number[] = [];
    for (let at = 0; at < rows.length; at += lookedForAtOnce) {
      refuseCancelled(signal);
      const some = rows.subarray(at, at + lookedForAtOnce);
      for (const place of await file.read(some, new Float32Array(some.length * size)))
        missing.push(some[place]!);
    }
    let done = rows.length - missing.length;
    const tell = (more = 0) => emit({ kind: 'step', done: done + more, total: rows.length, unit: 'images' });
    tell();
    if (missing.length === 0) return { done, total: rows.length, skipped: 0 };

    await workerEngine();
    const reader = network.open();
    const faults = new ChangedOriginals(project);
    const decode = (at: number) => decodeRows(missing.slice(at, at + together));
    const decodeRows = (some: number[]) =>
      readPictures(
        project,
        some.map((row) => ({ row, item: items[row]! })),
        preprocessing,
        faults,
      );
    let skipped = 0;
    let fault: unknown = null;
    try {
      let next = decode(0);
      for (let at = 0; at < missing.length; at += together) {
        refuseCancelled(signal);
        const { found, pixels, failed, cause } = await next;
        skipped += failed;
        fault ??= cause;
        if (at + together < missing.length) next = decode(at + together);
        // Where this throws, nobody waits for it any more.
        next.catch(() => undefined);
        if (found.length === 0) continue;
        const values = await reader.read(pixels, Int32Array.from(found.keys()), null, {
          signal,
          onProgress: (count) => tell(count),
        });
        await file.write(Int32Array.from(found), values);
        done += found.length;
      }
    } finally {
      reader.dispose();
    }
    // A folder that is gone is a fault to tell; a few files that changed are not.
    if (skipped === missing.length) {
      faults.refuse();
      throw fault;
    }
    return { done, total: rows.length, skipped };
  } finally {
    await file.close();
  }
};

function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted)
    throw new AtelierError('CANCELLED', 'Computing embeddings was cancelled. What was computed is kept.');
}

interface Decoded {
  /** Rows that were read, in the order of `pixels`. */
  found: number[];
  /** uint8 [found, height, width, channels] */
  pixels: Uint8Array;
  failed: number;
  /** Why the first of them could not be read, where `faults` does not say. */
  cause: unknown;
}

async function readPictures(
  project: string,
  wanted: { row: number; item: Original }[],
  framing: Parameters<typeof toNetworkInput>[1],
  faults: ChangedOriginals,
): Promise<Decoded> {
  const pictures = new Array<Uint8Array | null>(wanted.length).fill(null);
  let cause: unknown = null;
  let next = 0;
  const work = async () => {
    for (let index = next++; index < wanted.length; index = next++) {
      const { item } = wanted[index]!;
      try {
        const picture = await storageOf(item.storage).picture(project, item, faults);
        if (picture) pictures[index] = await toNetworkInput(picture, framing, item.name);
      } catch (thrown) {
        // One image that cannot be read costs no other its embedding.
        if (!(thrown instanceof AtelierError) || thrown.code === 'PROJECT_DAMAGED') throw thrown;
        cause ??= thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: decodedAtOnce }, work));
  const found = wanted.filter((_, index) => pictures[index]).map(({ row }) => row);
  const bytes = framing.height * framing.width * framing.channels;
  const pixels = new Uint8Array(found.length * bytes);
  let at = 0;
  for (const picture of pictures) {
    if (!picture) continue;
    pixels.set(picture, at);
    at += bytes;
  }
  return { found, pixels, failed: wanted.length - found.length, cause };
}
