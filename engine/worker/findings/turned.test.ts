/** A flip that makes one class of another is found, on real pictures and the real backbone; one that does not is not. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import { OpenProject } from '../../project/project.ts';
import { fillWithFolder } from '../../testing.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { embed } from '../tasks/embed.ts';
import { judgeByVectors } from './label-judge.ts';
import { triedNames, turnedClasses } from './turned.ts';
import { readVectors } from './vectors.ts';

const side = 64;
const ofClass = 40;
let folder: string;
let project: string;

/** Triangles that point to the left, or to the right. */
async function arrow(path: string, to: 'left' | 'right', seed: number): Promise<void> {
  const random = generator(seed);
  const [middle, from, length] = [24 + 16 * random(), 8 + 8 * random(), 30 + 12 * random()];
  const pixels = Buffer.alloc(side * side);
  for (let at = 0; at < pixels.length; at += 1) {
    const x = to === 'left' ? at % side : side - 1 - (at % side);
    const along = (x - from) / length;
    const inside = along >= 0 && along <= 1 && Math.abs(Math.floor(at / side) - middle) <= 20 * along;
    pixels[at] = (inside ? 200 : 60) + Math.round(20 * random());
  }
  await sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).toFile(path);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-turned-'));
  for (const [place, to] of (['left', 'right'] as const).entries()) {
    mkdirSync(join(folder, 'pictures', to), { recursive: true });
    for (let index = 0; index < ofClass; index += 1)
      await arrow(join(folder, 'pictures', to, `${index}.png`), to, 1000 * place + index);
  }
  const made = await OpenProject.create(join(folder, 'p'), undefined, 'test');
  project = made.path;
  await made.close();
  await fillWithFolder(project, join(folder, 'pictures'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('arrows to the left are arrows to the right once they are flipped, and still to the left upside down', async () => {
  const { signal } = new AbortController();
  const origin = { kind: 'backbone', name: 'efficientnet-lite0', side: 96 } as const;
  const lastItemId = 2 * ofClass;
  await embed({ project, origin, lastItemId }, { signal, emit: () => undefined });
  const items = originalsUpTo(project, lastItemId);
  const rows = Int32Array.from(items.keys());
  const vectors = (await readVectors(project, items, rows, origin))!;
  const [left, right] = [4, 9];
  const classOf = rows.map((row) => (items[row]!.name.startsWith('left') ? left : right));
  const judge = (await judgeByVectors(vectors, null, classOf, rows, () => undefined))!;
  const told: number[] = [];
  const turned = await turnedClasses(project, (place) => items[place]!, vectors, judge, {
    signal,
    onProgress: (done) => told.push(done),
  });
  judge.dispose();
  const pairs = turned.map(({ augmentation, from, to }) => [augmentation.kind, from, to]);
  expect(pairs).toContainEqual(['horizontal-flip', left, right]);
  expect(pairs).toContainEqual(['horizontal-flip', right, left]);
  expect(pairs.filter(([kind]) => kind === 'vertical-flip')).toEqual([]);
  const classOfItem = new Map(items.map(({ id }, row) => [id, classOf[row]]));
  for (const { images, turned: count, turnedBack, itemIds, each, to } of turned) {
    // Each beside an image of the class that it is taken for, which it is more like than two arrows are on average.
    expect(each).toHaveLength(itemIds.length);
    expect(new Set(each.map(({ like }) => classOfItem.get(like)))).toEqual(new Set([to]));
    for (const { probability, similarity } of each) {
      expect(probability).toBeGreaterThan(0.5);
      expect(similarity).toBeGreaterThan(0.2);
      expect(similarity).toBeLessThanOrEqual(1);
    }
    const sureness = each.map(({ probability }) => probability);
    expect(sureness).toEqual([...sureness].sort((a, b) => b - a));
    expect(images).toBe(ofClass);
    expect(count).toBeGreaterThan(turnedBack);
    expect(itemIds.length).toBeLessThanOrEqual(count);
  }
  // No image stands in two entries.
  const shown = turned.flatMap(({ itemIds }) => itemIds);
  expect(new Set(shown).size).toBe(shown.length);
  expect(told[0]).toBe(0);

  const stopped = new AbortController();
  stopped.abort();
  await expect(
    turnedClasses(project, (place) => items[place]!, vectors, judge, {
      signal: stopped.signal,
      onProgress: () => undefined,
    }),
  ).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a network of grey images is not asked about colours', () => {
  expect(triedNames(3)).toContain('Grayscale');
  expect(triedNames(1)).toEqual(triedNames(3).filter((name) => name !== 'Grayscale'));
});
