/** Every picture is told once, whatever is decoded first; the test ends each decoding by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tile } from '#contract/sheet.ts';
import type { Decoded } from './bitmap.ts';
import { DecodeQueue } from './decode-queue.ts';

const tilesOf = (first: number, count: number): Tile[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ id: first + at, form: 'encoded', width: 0, height: 0, bytes: new Uint8Array(1) },
  }));

/** A decoder that ends what it was told to. */
class Hand {
  begun: { id: number; end: () => void }[] = [];
  queue = new DecodeQueue(
    ({ id }) => new Promise<Decoded>((end) => this.begun.push({ id, end: () => end('broken') })),
  );
  async end(at: number): Promise<void> {
    this.begun.splice(at, 1)[0]!.end();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

describe('the images of sheets', () => {
  it('are each told once, the last at the end, in whatever order they are decoded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 150 }),
        fc.infiniteStream(fc.nat()),
        async (count, picks) => {
          const hand = new Hand();
          const told: number[] = [];
          const ends: boolean[] = [];
          hand.queue.add(tilesOf(1, count), 'inSight', (pictures, last) => {
            told.push(...pictures.map(([id]) => id));
            ends.push(last);
          });
          // Several end within one breath.
          while (hand.begun.length > 0) {
            const pick = picks.next().value;
            if (pick % 3 === 0) await hand.end(pick % hand.begun.length);
            else await Promise.all([...hand.begun].map(() => hand.end(0)));
          }
          expect(told.sort((a, b) => a - b)).toEqual(tilesOf(1, count).map(({ id }) => id));
          expect([ends.at(-1), ends.filter(Boolean).length]).toEqual([true, 1]);
        },
      ),
    );
  });

  it('are decoded a few at a time, those in sight before those read ahead', async () => {
    const hand = new Hand();
    hand.queue.add(tilesOf(1, 20), 'ahead', () => {});
    hand.queue.add(tilesOf(101, 3), 'inSight', () => {});
    expect(hand.begun.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (let at = 0; at < 4; at += 1) await hand.end(0);
    expect(hand.begun.map(({ id }) => id)).toEqual([5, 6, 7, 8, 101, 102, 103, 9]);
  });
});
