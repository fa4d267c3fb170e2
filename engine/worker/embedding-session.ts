/**
 * The embeddings of one project in the memory of a worker, with what is labelled: kept between tasks, so that each answers
 * at once. Reading them from the project is here, what is made of them learning/embeddings/suggester.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { embeddingNetwork } from '#learning/embeddings/embedding-network.ts';
import { Suggester } from '#learning/embeddings/suggester.ts';
import { VectorTable } from '#learning/embeddings/vector-table.ts';
import { openFeatureFile } from '../images/features/feature-store.ts';
import { originalsUpTo } from '../images/storage/originals.ts';
import { workerEngine } from './engine.ts';
import type { EmbeddingInput } from './protocol.ts';

/** Rows that are read at once. */
const readAtOnce = 4096;

export interface EmbeddingSession {
  suggester: Suggester;
  /** Row of each place in the suggester. */
  rows: number[];
  /** Place of each row that has an embedding. */
  places: Map<number, number>;
}

let current: (EmbeddingSession & { key: string }) | null = null;

/** Brings what is kept into memory; what is there already stays. @throws as `embeddingNetwork` */
export async function openSession({
  project,
  origin,
  lastItemId,
}: EmbeddingInput): Promise<{ done: number; total: number }> {
  const network = await embeddingNetwork(origin);
  const key = JSON.stringify([project, network.key, network.preprocessing]);
  if (current?.key !== key) {
    current?.suggester.table.dispose();
    current = null;
    await workerEngine();
    const suggester = new Suggester(new VectorTable(network.size));
    current = { key, suggester, rows: [], places: new Map() };
  }
  const { suggester, rows, places } = current;
  const items = originalsUpTo(project, lastItemId);
  const wanted = [...items.keys()].filter((row) => !items[row]!.removed && !places.has(row));
  const file = await openFeatureFile(
    'read',
    project,
    network.preprocessing,
    items.map(({ hash }) => hash),
    network,
  );
  try {
    for (let at = 0; file && at < wanted.length; at += readAtOnce) {
      const some = Int32Array.from(wanted.slice(at, at + readAtOnce));
      const values = new Float32Array(some.length * network.size);
      const missing = new Set(await file.read(some, values));
      let found = 0;
      some.forEach((row, place) => {
        if (missing.has(place)) return;
        values.copyWithin(found * network.size, place * network.size, (place + 1) * network.size);
        places.set(row, rows.length);
        rows.push(row);
        found += 1;
      });
      suggester.table.append(values.subarray(0, found * network.size));
    }
  } finally {
    await file?.close();
  }
  suggester.grow();
  const total = items.filter(({ removed }) => !removed).length;
  const done = rows.filter((row) => items[row] && !items[row].removed).length;
  return { done, total };
}

/** @throws NOT_FOUND before `openSession` */
export function requireSession(): EmbeddingSession {
  if (current) return current;
  throw new AtelierError('NOT_FOUND', 'Expected embeddings in memory, but none were opened. Try again.');
}

/** @throws NOT_FOUND where the image has no embedding */
export function placeOfRow({ places }: EmbeddingSession, row: number): number {
  const place = places.get(row);
  if (place !== undefined) return place;
  throw new AtelierError(
    'NOT_FOUND',
    'Expected an image that has an embedding; this one has none yet. Compute the embeddings of the project first.',
    { row },
  );
}
