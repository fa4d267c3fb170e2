/** Embeddings that nobody has to compute: drawn around a few centres, so that their arithmetic is that of photographs. */
import { openFeatureFile } from '#engine/images/features/feature-store.ts';
import { embeddingNetwork } from '#learning/embeddings/embedding-network.ts';
import { hashOf } from './made-project.ts';

/** What small pictures get: engine/jobs/embed.ts. */
export const madeNetwork = () =>
  embeddingNetwork({ kind: 'backbone', name: 'efficientnet-lite0', side: 128 });

const together = 1000;

/** Reproducible numbers from 0 to 1. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** Keeps one for each image of a made project: image i lies around centre i modulo `centres`. */
export async function makeEmbeddings(path: string, images: number, centres: number): Promise<void> {
  const hashes = Array.from({ length: images }, (_, index) => hashOf(index));
  const network = await madeNetwork();
  const file = await openFeatureFile('write', path, network.preprocessing, hashes, network);
  const draw = draws(7);
  const around = Array.from({ length: centres }, () => Float32Array.from({ length: network.size }, draw));
  for (let at = 0; at < images; at += together) {
    const count = Math.min(together, images - at);
    const rows = Int32Array.from({ length: count }, (_, index) => at + index);
    const values = new Float32Array(count * network.size);
    for (let place = 0; place < values.length; place += 1) {
      const centre = around[(at + Math.floor(place / network.size)) % centres]!;
      // Negative parts are cut off, as ReLU does.
      values[place] = Math.max(0, centre[place % network.size]! + 2.5 * (draw() - 0.5));
    }
    await file.write(rows, values);
  }
  await file.close();
}
