/**
 * What every kind of file gives: the same picture in many formats, upright and with its colours, or skipped with its reason. The
 * table of golden-cases.ts is held against import, training pack and prediction alike.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanSource } from '../../intake/scan.ts';
import { storeSource } from '../../intake/store/store.ts';
import { OpenProject } from '../../project/project.ts';
import { readImage } from '../../worker/tasks/full.ts';
import { loadPack } from '../packs/pack.ts';
import { toNetworkInput } from './decode.ts';
import { damaged, whyNotRead } from './formats.ts';
import { firstFrame } from './plan.ts';
import { bytesOf, fixtures, made, type Row, table } from './golden-cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-golden-'));
const source = join(folder, 'set');
const path = join(folder, 'p.atelier');
/** What became of each file: taken with these notices, or the reason why not. */
const outcomes = new Map<string, { notices: string[] } | { reason: string }>();
let project: OpenProject;

beforeAll(async () => {
  mkdirSync(join(source, 'odd'), { recursive: true });
  const entries: [string, Buffer][] = [
    ...Object.keys(table).map((name): [string, Buffer] => [name, bytesOf(name)]),
    ...Object.entries(made).map(([name, [bytes]]): [string, Buffer] => [name, bytes]),
  ];
  for (const [name, bytes] of entries) writeFileSync(join(source, 'odd', name), bytes);
  project = await OpenProject.create(path, 'p', 'test');
  const { signal } = new AbortController();
  const scanned = await scanSource(source, { location: source, options: {}, signal });
  const pack = join(path, 'packs', 'import-1.part');
  const read = await scanned.read({ pack, onProgress: () => undefined, signal });
  for (const { name, notices } of read.items) outcomes.set(name.slice(4), { notices: notices ?? [] });
  for (const file of read.skippedFiles) outcomes.set(file.path.slice(4), { reason: file.reason });
  (await storeSource(path, read, { location: source, root: source, startedAt: Date.now() })).commit();
  await project.followImport();
});
afterAll(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const expectations: [string, Row][] = [
  ...Object.entries(table),
  ...Object.entries(made).map(([name, [, ...row]]): [string, Row] => [name, row as unknown as Row]),
];
const framing = { height: 32, width: 48, channels: 3, fit: 'stretch' } as const;

/** The mean colour of each quadrant, away from its edges and the arrow. */
function quadrantsOf(pixels: Uint8Array): number[][] {
  return [0, 1, 2, 3].map((quadrant) => {
    const sum = [0, 0, 0];
    let count = 0;
    for (let y = 2 + 16 * (quadrant >> 1); y < 14 + 16 * (quadrant >> 1); y++) {
      const left = quadrant % 2 === 0 ? 2 : 30;
      for (let x = left; x < left + 16; x++, count++)
        for (let channel = 0; channel < 3; channel++) sum[channel]! += pixels[(y * 48 + x) * 3 + channel]!;
    }
    return sum.map((total) => Math.round(total / count));
  });
}

describe('the table', () => {
  it('names every fixture', () => {
    const files = readdirSync(fixtures()).filter(
      (name) => !/^(make\.py|README\.md|display-p3\.icc)$/.test(name),
    );
    expect(files.filter((name) => !Object.hasOwn(table, name))).toEqual([]);
  });

  it.each(expectations)('%s', async (name, [expected, ...notices]) => {
    if (typeof expected === 'string') {
      expect(outcomes.get(name)).toEqual({ reason: expected });
      const refused = toNetworkInput(readFileSync(join(source, 'odd', name)), framing, name);
      await expect(refused).rejects.toMatchObject({
        code: 'IMAGE_UNREADABLE',
        details: { reason: expected },
      });
      return;
    }
    expect(outcomes.get(name)).toEqual({ notices });
    const pixels = await toNetworkInput(readFileSync(join(source, 'odd', name)), framing, name);
    const found = quadrantsOf(pixels);
    // Black and white stand for grey by their density only, over a small field.
    const off = /^bits1|^fax|pbm/.test(name) ? 16 : /photo|several|palette\.tif|bits8|p3/.test(name) ? 12 : 5;
    expected.forEach((mean, quadrant) =>
      mean.forEach((value, channel) => {
        expect(
          Math.abs(found[quadrant]![channel]! - value),
          `${name} ${JSON.stringify(found)}`,
        ).toBeLessThanOrEqual(off);
      }),
    );
  });
});

it('gives prediction what training was given', async () => {
  const lastItemId = project.columns.ids[project.columns.length - 1]!;
  const { pixels: packed } = await loadPack(path, framing, lastItemId);
  const size = 32 * 48 * 3;
  const names = expectations.filter(([, [expected]]) => typeof expected !== 'string').map(([name]) => name);
  expect(project.columns.length).toBe(names.length);
  for (let row = 0; row < project.columns.length; row++) {
    const { name } = project.item(project.columns.ids[row]!);
    const file = { kind: 'file', path: join(source, name), name } as const;
    const { picture } = await readImage('', file);
    const pixels = await toNetworkInput(picture, framing, name);
    expect(Buffer.from(pixels).equals(packed.subarray(row * size, (row + 1) * size)), name).toBe(true);
  }
});

it('keeps what is to be said of images with the project, the rare first', () => {
  const { notices, skipped } = project.skippedAndNotices();
  expect(notices.find(({ reason }) => reason === firstFrame)).toEqual({
    reason: firstFrame,
    count: 4,
    examples: ['odd/animated.avif', 'odd/animated.gif', 'odd/animated.png', 'odd/animated.webp'],
  });
  expect(notices.map(({ count }) => count)).toEqual(notices.map(({ count }) => count).sort((a, b) => a - b));
  const reasons = skipped.map(({ reason }) => reason);
  expect(reasons.indexOf(damaged('JPEG'))).toBeLessThan(reasons.indexOf(whyNotRead('tga')));
  expect(reasons.indexOf(whyNotRead('tga'))).toBeLessThan(reasons.indexOf(whyNotRead('text')));
});
