/** Many pictures are compared in threads, with the same pairs as here. */
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { picturePixels } from '#learning/findings/grey-picture.ts';
import { generator } from '#learning/random-numbers.ts';
import { bundle } from '../../testing.ts';
import { comparePictures } from './compare-pictures.ts';

const count = 4200;
const random = generator(3);
const pictures = Uint8Array.from({ length: count * picturePixels }, () => Math.floor(256 * random()));
// Each is like the one before it, but only a few are.
for (let at = 1; at < count; at += 100)
  pictures.copyWithin(at * picturePixels, (at - 1) * picturePixels, at * picturePixels);
const neighbours = {
  count: 2,
  places: Int32Array.from({ length: 2 * count }, (_, at) => ((at >> 1) + (at % 2 ? 1 : -1) + count) % count),
};
const { signal } = new AbortController();

it('finds in threads what it finds here, and tells how far it is', async () => {
  const folder = dirname(await bundle('engine/worker/index.ts'));
  let told = 0;
  const inThreads = await comparePictures(
    pictures,
    neighbours,
    { signal, onPicture: (done) => (told = done) },
    folder,
  );
  const here = await comparePictures(pictures, neighbours, { signal }, '/nowhere');
  const keys = (pairs: typeof here) =>
    [...new Set(pairs.map(({ first, second }) => first * count + second))].sort();
  expect(keys(inThreads)).toEqual(keys(here));
  expect(keys(here).length).toBeGreaterThanOrEqual(42);
  expect(told).toBeGreaterThan(count / 2);
});

it('ends when it is cancelled', async () => {
  const folder = dirname(await bundle('engine/worker/index.ts'));
  const cancel = new AbortController();
  const comparing = comparePictures(pictures, neighbours, { signal: cancel.signal }, folder);
  cancel.abort();
  await expect(comparing).rejects.toMatchObject({ code: 'CANCELLED' });
});
