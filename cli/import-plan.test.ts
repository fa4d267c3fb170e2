/** The plan of an import: its options, its table, and both through the command line as a process on real folders. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportPlan } from '#contract/import.ts';
import { writePicture } from '#engine/testing.ts';
import { TestCommandLine } from './testing.ts';
import { importOptions, planLines } from './import-plan.ts';

const counts = (pool: number, validation = 0, test = 0) => ({ pool, train: 0, validation, test });
const plan: ImportPlan = {
  location: '/set',
  layout: 'part-class',
  layouts: [{ name: 'part-class', label: 'Parts, then classes' }],
  asks: { classLevel: true },
  statement: 'The folders train and test give the parts.',
  images: 1208,
  classes: [
    { name: 'cats', counts: counts(1200, 0, 4) },
    { name: 'a\u001b[31mred', counts: counts(4) },
  ],
  unlabelled: counts(0),
  warnings: [{ code: 'CLASS_WITHOUT_TEST', text: '1 class without test images.' }],
  skipped: [{ reason: 'Not an image.', count: 5, examples: ['a.txt', 'b.txt', 'c.txt', 'd.txt'] }],
  options: { layout: 'part-class', classLevel: 2 },
};

describe('a plan', () => {
  it('is a table of classes and parts, with what looks odd and what is skipped', () => {
    expect(planLines(plan)).toEqual([
      'The folders train and test give the parts.',
      '  class         train  test',
      '  cats          1,200     4',
      '  a\\x1b[31mred      4     0',
      '  all           1,204     4',
      'Warning: 1 class without test images.',
      'Skipped 5 files (a.txt, b.txt, c.txt, …): Not an image.',
    ]);
  });

  it('has a row of its own for images without a class', () => {
    expect(planLines({ ...plan, unlabelled: counts(30, 0, 7), warnings: [], skipped: [] })).toEqual([
      'The folders train and test give the parts.',
      '  class         train  test  no part yet',
      '  (unlabelled)      0     7           30',
      '  cats          1,200     4            0',
      '  a\\x1b[31mred      4     0            0',
      '  all           1,204    11           30',
    ]);
  });

  it('of many classes is cut, and says so', () => {
    const classes = Array.from({ length: 1000 }, (_, at) => ({ name: `class ${at}`, counts: counts(1) }));
    const lines = planLines({ ...plan, classes, warnings: [], skipped: [] });
    expect(lines).toHaveLength(64);
    expect(lines[62]).toBe('  … and 940 more classes');
    expect(lines[63]).toMatch(/all +1,000$/);
  });
});

describe('what a person says', () => {
  it('is read from the options', () => {
    expect(
      importOptions({
        layout: 'class-part',
        'class-level': '3',
        part: 'test',
        parts: ['eval=validation,foo=class', 'a=b=skip,new=unlabelled'],
        'without-class': 'unlabelled',
      }),
    ).toEqual({
      layout: 'class-part',
      classLevel: 3,
      part: 'test',
      parts: { eval: 'validation', foo: 'class', 'a=b': 'skip', new: 'unlabelled' },
      withoutClass: 'unlabelled',
    });
    expect(importOptions({})).toEqual({});
  });

  it.each([
    [
      { layout: 'clas' },
      /Expected one of auto, class, .* for --layout, received "clas". Did you mean class\?/,
    ],
    [{ 'class-level': '0' }, /from 1 to 64 for --class-level/],
    [{ part: 'tests' }, /for --part, received "tests". Did you mean test\?/],
    [{ parts: ['eval'] }, /Expected NAME=PART for --parts, such as eval=validation, received "eval"/],
    [{ parts: ['eval=dev'] }, /for --parts, received "dev"/],
  ])('%j is wrong use', (values, message) => {
    expect(() => importOptions(values)).toThrow(message);
  });
});

describe('new and import', () => {
  const commandLine = new TestCommandLine('plan');
  const { folder } = commandLine;
  async function atelier(...args: string[]) {
    const ended = await commandLine.run(...args, '--json');
    return { ...ended, plan: ended.lines.find(({ event }) => event === 'import.plan') };
  }
  /** Folders with three pictures each. */
  async function make(name: string, ...folders: string[]): Promise<string> {
    for (const [at, within] of folders.entries())
      for (let seed = 0; seed < 3; seed++)
        await writePicture(
          join(folder, name, within, `${seed}.png`),
          { r: 60 * (at % 4), g: 90, b: 20 },
          { seed: seed + 3 * at },
        );
    return join(folder, name);
  }
  beforeAll(() => commandLine.build());
  afterAll(() => commandLine.close());

  it('tell the plan before anything is read, and import just that', async () => {
    const source = await make(
      'doubled',
      'training_set/training_set/cats',
      'training_set/training_set/dogs',
      'test_set/test_set/cats',
      'test_set/test_set/dogs',
      'test_set/test_set/only here',
    );
    writeFileSync(join(source, 'readme.txt'), 'x');
    const { code, lines, last, plan: told } = await atelier('new', join(folder, 'P'), '--from', source);
    expect(code).toBe(0);
    expect(lines[0]).toBe(told);
    expect(told).toMatchObject({
      layout: 'part-class',
      images: 15,
      classes: [
        { name: 'cats', counts: counts(3, 0, 3) },
        { name: 'dogs', counts: counts(3, 0, 3) },
        { name: 'only here', counts: counts(0, 0, 3) },
      ],
      warnings: [{ code: 'CLASS_WITHOUT_TRAINING' }],
      skipped: [{ reason: 'Not an image.', count: 1, examples: ['readme.txt'] }],
      options: {
        layout: 'part-class',
        classLevel: 3,
        parts: { '/training_set': 'pool', '/test_set': 'test' },
      },
    });
    expect(last).toMatchObject({
      event: 'project.ready',
      counts: { total: 15, test: 9 },
      classes: ['cats', 'dogs', 'only here'],
    });
    // A class that nothing can learn is no answer of a network.
    const { last: summary } = await atelier('summary', join(folder, 'P'), '--recipe', 'quick');
    expect(summary).toMatchObject({ layers: expect.any(Array) });
    expect(JSON.stringify(summary)).toContain('[2]');
  });

  it('take what is said instead', async () => {
    const source = await make('nested', 'animals/cats', 'animals/dogs', 'vehicles/cars');
    const said = ['--class-level', '1', '--parts', 'vehicles=skip', '--part', 'validation'];
    const { plan: told, last } = await atelier('new', join(folder, 'N'), '--from', source, ...said);
    expect(told).toMatchObject({ classes: [{ name: 'animals', counts: counts(0, 6) }] });
    expect(last).toMatchObject({ counts: { total: 6, validation: 6 } });
  });

  it('only tell with --dry-run', async () => {
    const source = await make('dry', 'a', 'b');
    const { code, lines, last } = await atelier('new', join(folder, 'D'), '--from', source, '--dry-run');
    expect([code, lines.length, last.event]).toEqual([0, 1, 'import.plan']);
    expect(existsSync(join(folder, 'D.atelier'))).toBe(false);
  });

  it('take a flat folder as unlabelled images, and a mixed one as it is said', async () => {
    const flat = await make('photos', '.');
    const { code, last, plan: told } = await atelier('new', join(folder, 'U'), '--from', flat);
    expect([code, told]).toMatchObject([
      0,
      {
        layout: 'unlabelled',
        images: 3,
        classes: [],
        unlabelled: counts(3),
        options: { layout: 'unlabelled' },
      },
    ]);
    expect(last).toMatchObject({
      event: 'project.ready',
      counts: { total: 3, train: 0, unlabelled: 3 },
      classes: [],
      warnings: [{ code: 'UNLABELLED' }],
    });
    const mixed = await make('mixed', 'a', 'b', '.');
    const skipped = await atelier('import', join(folder, 'U'), mixed, '--dry-run');
    expect(skipped.plan).toMatchObject({ images: 6, warnings: [{ code: 'LOOSE_IMAGES' }] });
    const { last: imported } = await atelier(
      'import',
      join(folder, 'U'),
      mixed,
      '--without-class',
      'unlabelled',
    );
    expect(imported).toMatchObject({
      imported: 9,
      warnings: [{ code: 'UNLABELLED', text: expect.stringMatching(/^6 images/) as string }],
    });
    const { last: split } = await atelier('split', join(folder, 'U'));
    expect(split).toMatchObject({ train: 2, validation: 2, test: 2, unlabelled: 6 });
  });

  it('refuse what gives no class where classes were asked for, with the reason, and leave no project behind', async () => {
    const source = await make('flat', '.');
    const { code, last } = await atelier('new', join(folder, 'F'), '--from', source, '--layout', 'class');
    expect([code, last]).toMatchObject([
      1,
      {
        event: 'error',
        code: 'SOURCE_EMPTY',
        message: expect.stringMatching(
          /^Nothing can be imported from .*flat\. 3 images lie directly in the folder/,
        ),
        details: { location: source, skipped: [{ count: 3 }] },
      },
    ]);
    expect(existsSync(join(folder, 'F.atelier'))).toBe(false);
  });

  it('know that --from is needed to say how', async () => {
    expect(await atelier('new', join(folder, 'X'), '--dry-run')).toMatchObject({
      code: 2,
      last: { code: 'USAGE' },
    });
  });
});
