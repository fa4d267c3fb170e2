/** What is asked of a recipe before it is trained, and the split that it would be trained on, as processes that a script reads. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('recipe');
const { folder, project, run: atelier } = commandLine;
beforeAll(() => commandLine.buildAndFill());
afterAll(() => commandLine.close());

it('summary: tells each layer, and fails where the budget is passed', async () => {
  const { code, out } = await atelier('summary', project, '--recipe', 'quick');
  expect(code).toBe(0);
  expect(out).toMatch(/^layer +output shape +parameters +multiply-adds +receptive field$/m);
  expect(out).toMatch(/^1\.conv +28 × 28 × 16 +[\d,]+ +[\d,]+ +3$/m);
  expect(out).toMatch(/^Parameters {5}[\d,]+, budget 100,000$/m);
  const over = await atelier(
    ...['summary', '--classes', '10', '--set', 'model.parameterBudget=1000', '--json'],
  );
  expect(over.code).toBe(1);
  expect(over.lines[0]).toMatchObject({ event: 'summary', withinBudget: false, parameterBudget: 1000 });
  expect(over.last).toMatchObject({ event: 'error', code: 'BUDGET_EXCEEDED', details: { budget: 1000 } });
});

it('preview: writes each image before and after the augmentation', async () => {
  const out = join(folder, 'before-after');
  const look = (...more: string[]) => atelier('preview', project, ...more, '--out', out, '--json');
  const noise = '--set=augmentation=[{"kind":"noise","probability":1,"fraction":0.5}]';
  const { code, last } = await look('train/0003', '1', '--variants', '2', noise);
  expect(code).toBe(0);
  const images = last.images as { id: number; name: string; before: string; after: string[] }[];
  expect(images.map(({ id, before, after }) => [id, before, after])).toEqual([
    [
      expect.any(Number),
      '01-train-0003-before.png',
      ['01-train-0003-after-1.png', '01-train-0003-after-2.png'],
    ],
    [1, expect.stringMatching(/^02-.*-before\.png$/), [expect.anything(), expect.anything()]],
  ]);
  expect(readdirSync(out)).toHaveLength(6);
  const bytes = (name: string) => readFileSync(join(out, name));
  for (const name of readdirSync(out)) expect(bytes(name).subarray(1, 4).toString()).toBe('PNG');
  const [{ before, after }] = images as [(typeof images)[0]];
  expect(new Set([before, ...after].map((name) => bytes(name).toString('hex'))).size).toBe(3);
  expect((await look('train/3x')).last).toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('received "train/3x", which no image of the project has') as string,
  });
  expect((await look()).last).toMatchObject({ event: 'preview.finished', files: 20 });
});

it('find-learning-rate: names one, and the curve behind it', async () => {
  const { code, lines, last } = await atelier(
    ...['find-learning-rate', project, '--set', 'training.batchSize=32', '--json'],
  );
  expect(code).toBe(0);
  expect(lines.some(({ event }) => event === 'probe.progress')).toBe(true);
  expect(last).toMatchObject({ event: 'learning-rate.found', points: expect.any(Array) as unknown });
  expect((last.points as unknown[]).length).toBeGreaterThan(20);
});

it('compare-precision: compares, or says why it cannot', async () => {
  const { code, last } = await atelier(
    ...['compare-precision', project, '--set', 'training.batchSize=16', '--json'],
  );
  expect(code).toBe(0);
  expect(last).toMatchObject({ event: 'precision.compared', recommended: expect.any(Boolean) as boolean });
  expect((last.unavailable === null) === (last.bfloat16 !== null)).toBe(true);
});

it('split: draws the validation part anew, the same one for a seed, and leaves the test part', async () => {
  const draw = (...args: string[]) => atelier('split', project, '--group-by', 'none', ...args);
  const first = await atelier('split', project, '--json');
  expect(first.last).toMatchObject({ train: 1600, validation: 400, test: 500, validationShare: 0.2 });
  const drawn = await draw('--validation', '0.05', '--seed', '7');
  expect(drawn.code).toBe(0);
  expect(drawn.out).toMatch(
    /^train +1,900\nvalidation +100 \(5 % of what is not test data, seed 7\)\ntest +500 \(version [0-9a-f]{12}, no run was evaluated on it yet\)$/m,
  );
  const back = await draw('--validation', '20', '--seed', String(first.last.seed), '--json');
  expect(back.last).toEqual(first.last);
  // The source fixed the test part, so a larger one takes from the rest, and a smaller one needs to be asked for.
  const larger = await draw('--test', '40', '--json', '--accept-new-test');
  expect(larger.last).toMatchObject({
    train: 1200,
    validation: 300,
    test: 1000,
    fixed: 500,
    testShare: 0.4,
  });
  const smaller = await draw('--test', '10', '--fixed');
  expect(smaller.out).toMatch(/^test +250 \(version/m);
  expect(await atelier('split', project, '--fixed')).toMatchObject({ code: 2 });
  const again = await draw('--test', '0', '--fixed');
  expect(again.err).toMatch(/^Note: There is no test part, so runs are judged by validation images alone\./m);
});
