/** `atelier findings` as a process: a table, lists by kind, what is said without embeddings, and wrong use. */
import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeScene } from '#engine/testing-scenes.ts';
import { presets } from '#recipe/presets.ts';
import { changeRecipe } from './recipe.ts';
import { TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('findings');
const { at, run } = commandLine;
const project = at('P.atelier');

beforeAll(async () => {
  await commandLine.build();
  for (let seed = 0; seed < 30; seed += 1)
    await writeScene(at('pictures', seed % 2 === 0 ? 'ant' : 'bee', `${seed}.png`), {
      seed,
      colour: seed % 2 === 0 ? [220, 60, 60] : [60, 210, 80],
    });
  copyFileSync(at('pictures', 'ant', '0.png'), at('pictures', 'bee', 'same.png'));
  await run('new', project, '--from', at('pictures'));
});
afterAll(() => commandLine.close());

it('prints a table, and says what it takes to look for the rest', async () => {
  const { code, out, err } = await run('findings', project);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^finding +entries +left/);
  expect(out).toMatch(/^label-errors +– +– +not looked for$/m);
  expect(out).toMatch(/^duplicates +1 +1$/m);
  expect(out).toContain('31 images were looked at.');
  expect(out).toContain('Compute embeddings with: atelier embed PROJECT.');
});

it('lists one kind with what was measured, from what is kept', async () => {
  const { out } = await run('findings', project, '--kind', 'duplicates');
  expect(out).toMatch(/^The same content; /);
  expect(out).toMatch(/2 images\n {2}\d+ {2}ant\/0\.png {2}the same content\n {2}\d+ {2}bee\/same\.png/);
  const { last, lines } = await run('findings', project, '--kind', 'duplicates', '--json');
  expect(last).toMatchObject({
    event: 'finding',
    kind: 'duplicates',
    missing: null,
    entries: [{ measured: 'cluster', evidence: [{ by: 'exact', similarity: 1 }, {}] }],
  });
  // Nothing changed: it was not looked for again.
  expect(lines.filter(({ event }) => event === 'findings.progress')).toEqual([]);
});

it('looks again where labels changed, and audits itself where that is asked', async () => {
  await run('classes', project, 'rename', 'ant', 'hill');
  const { lines, last } = await run('findings', project, '--audit', '--json');
  expect(lines.map(({ event }) => event)).toContain('findings.progress');
  expect(last).toMatchObject({
    event: 'findings',
    findings: { changedSince: false, audit: { flips: null, copies: { planted: 3 } } },
  });
  const { out } = await run('findings', project, '--audit');
  expect(out).toMatch(/Audit: no label flips were planted/);
  expect(out).toMatch(/Audit: [0-3] of 3 planted near copies are in a cluster with their image\./);
});

it('prints what a training takes about it, with what was measured of each image', async () => {
  const uneven = at('U.atelier');
  const colours = { ant: [220, 60, 60], bee: [60, 210, 80], wasp: [60, 60, 220] } as const;
  for (const [place, name] of (['ant', 'bee', 'wasp'] as const).entries())
    for (let seed = 0; seed < (name === 'wasp' ? 4 : 30); seed += 1)
      await writeScene(at('uneven', name, `${seed}.png`), {
        seed: 100 * place + seed,
        colour: colours[name],
      });
  await run('new', uneven, '--from', at('uneven'));
  const { out } = await run('findings', uneven, '--kind', 'imbalance');
  expect(out).toMatch(/^wasp: 4 images, an even share is 21$/m);
  expect(out).toContain('Use class weights: atelier train PROJECT --set training.classWeights=balanced\n');
  expect(out.match(/^ {2}\d+ {2}wasp\/\d\.png$/gm)).toHaveLength(4);
  // What is printed is what --set takes.
  const [, words] = /train PROJECT --set (\S+)/.exec(out)!;
  expect(changeRecipe(presets.quick.recipe, [words!]).training.classWeights).toEqual({ kind: 'balanced' });

  const { last } = await run('findings', uneven, '--kind', 'shortcuts', '--json');
  const { entries } = last as unknown as {
    entries: { fact: string; itemIds: number[]; each: object[]; recipe: object }[];
  };
  const border = entries.find(({ fact }) => fact === 'border colour')!;
  expect(border.each).toHaveLength(border.itemIds.length);
  expect(border.recipe).toEqual({
    'augmentation.scale.probability': 1,
    'augmentation.scale.minimum': 1,
    'augmentation.scale.maximum': 1.4,
  });
  const shortcuts = await run('findings', uneven, '--kind', 'shortcuts');
  expect(shortcuts.out).toMatch(
    /^ {2}\d+ {2}ant\/\d+\.png {2}Border colour rgb \d+ \d+ \d+: \d+ % of such images are ant$/m,
  );
});

it('refuses kinds and runs that there are none of', async () => {
  expect((await run('findings', project, '--kind', 'duplicate', '--json')).last).toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/Did you mean duplicates\?/) as string,
  });
  expect((await run('findings', project, '--run', 'Quick 1', '--json')).last).toMatchObject({
    code: 'NOT_FOUND',
  });
});
