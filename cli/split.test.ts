/** Parts that keep images together: found, drawn and checked through the command line as processes, on real pictures. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import type { PartLeaks, TestPart } from '#contract/splits.ts';
import { TestCommandLine } from './testing.ts';

const line = new TestCommandLine('split');
const atelier = line.run;
const pictures = line.at('pictures');
const project = line.at('P');
const classes = ['round', 'square'];
/** Small, so that pictures alone are compared. Things of each class, each shown as it is and once more, brightened and encoded anew. */
const things = 24;

beforeAll(async () => {
  await line.build();
  const random = generator(11);
  for (const name of classes) {
    mkdirSync(join(pictures, name), { recursive: true });
    for (let thing = 0; thing < things; thing++) {
      const raw = Buffer.from(Array.from({ length: 6 * 6 * 3 }, () => Math.floor(40 + 150 * random())));
      const picture = sharp(raw, { raw: { width: 6, height: 6, channels: 3 } }).resize(40, 40, {
        kernel: 'cubic',
      });
      const png = await picture.png().toBuffer();
      writeFileSync(join(pictures, name, `${name}-${'abcdefghijklmnopqrstuvwxyz'[thing]}_front.png`), png);
      await sharp(png)
        .linear(1.15, 4)
        .jpeg({ quality: 70 })
        .toFile(join(pictures, name, `${name}-${'abcdefghijklmnopqrstuvwxyz'[thing]}_back.jpg`));
    }
  }
  // The import has looked for look-alikes, and keeps them in one part.
  expect(await atelier('new', project, '--from', pictures)).toMatchObject({
    code: 0,
    out: expect.stringContaining('Look-alikes stay in one part: 48 groups of 96 images.') as string,
  });
}, 120_000);
afterAll(() => line.close());

describe('atelier split', () => {
  it('says how the import drew them, and refuses what contradicts itself', async () => {
    const { out, err } = await atelier('split', project);
    expect(out).toMatch(/^test +\d+ \(version [0-9a-f]{12}, no run was evaluated on it yet\)$/m);
    expect(out).toContain('48 of 96 images together');
    expect(err).not.toMatch(/look/);
    for (const [args, hint] of [
      [['--check', '--test', '0.2'], /--check without/],
      [['--fresh-test'], /beside --test/],
      [['--fresh-test', '--seed', '2'], /--test SHARE beside --fresh-test/],
      [['--group-by', 'shape'], /--group-by near-duplicates, folder/],
      [['--group-by', 'pattern:(a'], /regular expression/],
      [['--test', '1.5'], /from 0 to 0\.9 for --test/],
    ] as const)
      expect(await atelier('split', project, ...args)).toMatchObject({
        code: 2,
        err: expect.stringMatching(hint) as string,
      });
  });

  it('finds look-alikes and prints which the parts divide, and draws nothing', async () => {
    // By copies alone.
    await atelier('split', project, '--test', '0.2', '--validation', '0.25', '--group-by', 'none');
    const before = (await atelier('split', project, '--json')).last;
    const { out, code, last } = await atelier('split', project, '--check', '--json');
    expect(code, out).toBe(0);
    expect(last).toMatchObject({ event: 'split.check', groups: { images: 96, groups: 48, pairs: 48 } });
    const { validation, test } = last['leaks'] as PartLeaks;
    expect(validation.leaked).toBeGreaterThan(5);
    expect(test.leaked).toBeGreaterThan(3);
    const words = (await atelier('split', project, '--check')).out;
    expect(words).toMatch(/_front\.png – .*_back\.jpg|_back\.jpg – .*_front\.png/);
    expect((await atelier('split', project, '--json')).last).toMatchObject({
      train: before['train'],
      validation: before['validation'],
      leaks: last['leaks'] as object,
    });
  });

  it('keeps them on one side, tells what a random draw would have parted, the same for a seed', async () => {
    const args = ['--test', '0.2', '--validation', '0.25', '--seed', '5', '--json'];
    const tried = await atelier('split', project, ...args, '--dry-run');
    expect(tried.last).toMatchObject({ event: 'split.report', leaks: { test: { leaked: 0 } } });
    const drawn = await atelier('split', project, ...args);
    const report = drawn.lines.find(({ event }) => event === 'split.report')!;
    expect(report).toEqual({ ...tried.last, dryRun: false });
    expect((report['randomLeaks'] as PartLeaks).test.leaked).toBeGreaterThan(5);
    expect(drawn.last).toMatchObject({
      ...{ train: 56, validation: 20, test: 20 },
      leaks: { validation: { leaked: 0 }, test: { leaked: 0 } },
    });
    expect(await atelier('split', project, '--check')).toMatchObject({
      out: expect.stringContaining('0 pairs of look-alikes are in two parts') as string,
    });
    const again = await atelier('split', project, ...args);
    expect(again.lines.find(({ event }) => event === 'split.report')).toMatchObject({ moved: 0 });
  });

  it('groups by a template, a pattern, and a column of a table', async () => {
    const groupsOf = async (how: string) => {
      const { last, err } = await atelier('split', project, '--check', '--group-by', how, '--json');
      return [last['groups'], err] as const;
    };
    const [template] = await groupsOf('pattern:round-{group}_*');
    expect(template).toMatchObject({ by: { key: { kind: 'pattern' } }, groups: 48 });
    // The letter of both classes.
    const [both] = await groupsOf(String.raw`pattern:-([a-z])_`);
    expect(both).toMatchObject({ groups: 24, images: 96 });
    const table = line.at('table.csv');
    const rows = classes.flatMap((name) =>
      ['a', 'b', 'c', 'd'].map((thing) => `${name}/${name}-${thing}_front.png,shelf ${thing < 'c' ? 1 : 2}`),
    );
    writeFileSync(table, ['path,Shelf', ...rows, 'none.png,shelf 9'].join('\n'));
    const [column] = await groupsOf(`csv:${table}:shelf`);
    expect(column).toMatchObject({
      unmatched: 1,
      groups: 42,
      images: 96,
      largest: expect.arrayContaining([expect.objectContaining({ images: 8 })]) as unknown,
    });
    expect((await atelier('split', project, '--check', '--group-by', `csv:${table}:weight`)).err).toMatch(
      /Expected a column "weight", received "path", "Shelf"/,
    );
    // A draw to come goes by the same, without the table.
    const drawn = await atelier('split', project, '--seed', '8', '--json');
    expect(drawn.last).toMatchObject({ groups: { by: { key: { kind: 'column' } }, groups: 42 } });
  });

  it('locks a test part that a run was evaluated on, counts the looks, and draws a fresh, sealed one', async () => {
    const recipe = line.at('recipe.json');
    writeFileSync(
      recipe,
      JSON.stringify({
        format: 'atelier-recipe/2',
        name: 'Tiny',
        preprocessing: {
          ...{ height: 12, width: 12, channels: 3, fit: 'stretch' },
          normalisation: { kind: 'custom', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
        },
        augmentation: [],
        model: { layers: [{ kind: 'flatten' }] },
        training: {
          ...{ optimizer: { kind: 'sgd' }, learningRate: 0.01, schedule: { kind: 'constant' } },
          ...{ batchSize: 16, epochs: 1 },
        },
      }),
    );
    const train = (name: string) => atelier('train', project, '--recipe', recipe, '--name', name, '--json');
    expect(await train('one')).toMatchObject({ code: 0 });
    expect(await train('two')).toMatchObject({ code: 0 });
    await atelier('compare', project, 'one', 'two');
    const partOf = async () => (await atelier('split', project, '--json')).last['testPart'] as TestPart;
    const before = await partOf();
    expect(before).toMatchObject({ runs: 2, comparisons: 1, sealed: false });

    const refused = await atelier('split', project, '--test', '0.2', '--seed', '77');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('2 runs were evaluated on the present test part');
    expect(refused.err).toContain('no longer comparable');
    expect(await partOf()).toEqual(before);
    // A table of labels moves none into it either, unless that is said yes to; taken back, all is as it was.
    const table = line.at('moves.csv');
    writeFileSync(table, `path,split\nround/round-a_front.png,train\nround/round-b_front.png,test\n`);
    expect((await atelier('labels', project, '--in', table, '--dry-run')).err).toMatch(
      /into or out of the test part, on which 2 runs were evaluated.*--accept-new-test/,
    );
    expect(await atelier('labels', project, '--in', table)).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /2 runs were evaluated on the present test part\. To move .* into or out of it/,
      ) as string,
    });
    expect(await partOf()).toEqual(before);
    expect(await atelier('labels', project, '--in', table, '--accept-new-test')).toMatchObject({ code: 0 });
    expect((await atelier('split', project)).out).toMatch(
      /no run was evaluated on this version yet; \d+ of these \d+ images were in a test part that may have informed 3 choices/,
    );
    await atelier('labels', project, '--undo');
    expect(await partOf()).toEqual(before);
    // The validation part can be drawn: the test part stays.
    expect(await atelier('split', project, '--validation', '0.3', '--seed', '78')).toMatchObject({ code: 0 });
    expect(await partOf()).toEqual(before);

    const fresh = ['--test', '0.2', '--fresh-test', '--accept-new-test', '--seed', '79'];
    expect(await atelier('split', project, ...fresh)).toMatchObject({
      code: 0,
      out: expect.stringContaining('sealed: no run was evaluated on it') as string,
    });
    const after = await partOf();
    expect(after).toMatchObject({ runs: 0, comparisons: 0, sealed: true });
    // A training leaves it alone; a person opens it.
    expect((await train('three')).last).toMatchObject({ event: 'run.finished' });
    expect(await partOf()).toEqual(after);
    const evaluated = await atelier('evaluate', project, '--run', 'one');
    expect(evaluated.out).toContain('had trained or validated on');
    expect(await partOf()).toMatchObject({ version: after.version, runs: 1, sealed: false });
    await atelier('evaluate', project, '--run', 'three', '--json');
    expect((await atelier('compare', project, 'two', 'three')).out).toContain('not the same test part');

    // Images that come now are in no draw, and nobody has looked: it is said so.
    const more = line.at('more');
    mkdirSync(join(more, 'round'), { recursive: true });
    await sharp(join(pictures, 'round', 'round-a_front.png'))
      .jpeg({ quality: 60 })
      .toFile(join(more, 'round', 'round-a_again.jpg'));
    const imported = await atelier('import', project, more);
    expect(imported.out).not.toContain('Look-alikes stay');
    expect(imported.err).toMatch(
      /1 image came after look-alikes were looked for: nobody has looked for theirs yet\.[^]*Look with: atelier split PROJECT --check/,
    );

    // Taken back, the part of before is there again, with what was counted of it.
    await atelier('labels', project, '--undo');
    expect(await partOf()).toMatchObject({ version: before.version, runs: 2 });
  });
});
