/** `explain`, `slices` and `robustness`, as processes that a script reads. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grey, TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('why');
const { folder, project, run: atelier } = commandLine;
const image = join(folder, 'grey.png');
beforeAll(async () => {
  await commandLine.buildAndFill('One');
  writeFileSync(image, grey);
});
afterAll(() => commandLine.close());

it('explains files and images of the project, writes the heat over them, and names the nearest training images', async () => {
  const out = join(folder, 'heat');
  const words = ['explain', project, image, '1', '--nearest', '3', '--out', out, '--json'];
  const { code, lines, last } = await atelier(...words);
  expect(code).toBe(0);
  const [first, second] = lines.filter(({ event }) => event === 'explanation') as unknown as {
    predicted: string;
    class: string;
    heat: { height: number; width: number; values: number[] };
    layer: string;
    nearest: { id: number; similarity: number }[];
    file: string;
  }[];
  expect(first).toMatchObject({ class: first!.predicted, heat: { height: 7, width: 7 } });
  expect(first!.heat.values).toHaveLength(49);
  expect(first!.heat.values.every((value) => value >= 0)).toBe(true);
  const near = second!.nearest;
  expect(near).toHaveLength(3);
  // Image 1 trains, and is not its own neighbour.
  expect(near.map(({ id }) => id)).not.toContain(1);
  expect(near.map(({ similarity }) => similarity)).toEqual(
    near.map(({ similarity }) => similarity).sort((a, b) => b - a),
  );
  expect(last).toMatchObject({ event: 'explain.finished', method: 'grad-cam', images: 2, folder: out });
  expect(readdirSync(out).sort()).toEqual([first!.file, second!.file].sort());
  const { width, height } = await sharp(readFileSync(join(out, second!.file))).metadata();
  expect([width, height]).toEqual([448, 448]);
});

it('explains a chosen class by occlusion, the same each time, and a run of its training data once only', async () => {
  const words = ['explain', project, '7', '--class', 'Bag', '--method', 'occlusion', '--json'];
  const [one, two] = [await atelier(...words), await atelier(...words)];
  const [found, again] = [one, two].map(({ lines }) => lines.find(({ event }) => event === 'explanation')!);
  expect(found).toMatchObject({
    class: 'Bag',
    heat: { height: 14, width: 14 },
    patch: { height: 7, width: 7, stepDown: 2, stepRight: 2 },
  });
  expect(again!.heat).toEqual(found!.heat);
  const told = (await atelier('explain', project, '7', '--nearest', '2')).out;
  expect(told).toMatch(
    /^7: .+ %\n {2}Most evidence .+ of the map of .+ \(7×7\)\.\n {2}Most like it of 1,[56]\d\d training/,
  );
});

it('finds slices of the evaluated images only, and says how many were tried', async () => {
  const early = await atelier('slices', project, '--split', 'train');
  expect(early.code).toBe(1);
  expect(early.err).toMatch(
    /Expected an evaluation of run-1 on the train part, but there is none\. Evaluate it first/,
  );
  await atelier('evaluate', project);
  const { last } = await atelier('slices', project, '--json');
  const { slices } = last as unknown as {
    slices: {
      images: number;
      wrong: number;
      tried: number;
      slices: { images: number; rest: { images: number } }[];
    };
  };
  expect(slices).toMatchObject({
    images: 500,
    falseDiscoveryRate: 0.05,
    leastImages: 20,
    clusteredBy: 'run',
    unread: 0,
  });
  expect(slices.tried).toBeGreaterThan(20);
  for (const slice of slices.slices) expect(slice.images + slice.rest.images).toBe(500);
  expect((await atelier('slices', project)).out).toMatch(
    /^One on test: \d+ of 500 wrong .+\n.+ of \d+ slices with 20 images or more that were tried, at a false-discovery rate of 5 %\./,
  );
});

it('sweeps corruptions over a seeded sample, the same each time', async () => {
  const words = ['robustness', project, '--images', '40', '--seed', '3', '--json'];
  const [one, two] = [await atelier(...words), await atelier(...words)];
  const { robustness } = one.last as unknown as {
    robustness: {
      clean: { right: number };
      corruptions: { points: { right: number; drop: number }[] }[];
      computedAt: string;
    };
  };
  expect(robustness).toMatchObject({ images: 40, of: 500, seed: 3 });
  expect(robustness.corruptions).toHaveLength(10);
  for (const { points } of robustness.corruptions)
    points.forEach(({ right, drop }) => expect(drop).toBeCloseTo((robustness.clean.right - right) / 40, 10));
  const again = (two.last as unknown as { robustness: object }).robustness;
  expect({ ...again, computedAt: '' }).toEqual({ ...robustness, computedAt: '' });
});

it.each([
  [
    ['explain', project, '7', '--class', 'Bags'],
    /Expected --class to be a class of the run, .+ Did you mean Bag\?/,
  ],
  [['explain', project, '7', '--method', 'lime'], /Expected --method grad-cam\|occlusion, received "lime"/],
  [['robustness', project, '--images', '0'], /Expected a whole number from 1 to 50000 for --images/],
])('refuses %s', async (words, message) => {
  const { code, err } = await atelier(...words);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});
