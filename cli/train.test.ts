/** `new`, `import`, `train` and what is told of runs, as processes that a script reads, on the real engine. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RepairComparison } from '#contract/repair.ts';
import { smallFashion } from '#engine/testing.ts';
import { grey, TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('train');
const { folder, project, run: atelier, start } = commandLine;
beforeAll(() => commandLine.build());
afterAll(() => commandLine.close());

it('new --from: makes it and imports', async () => {
  const { code, last, lines } = await atelier(
    ...['new', project.replace('.atelier', ''), '--from', smallFashion(), '--json'],
  );
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ event: 'import.plan', layout: 'idx', images: 2500 });
  expect(lines[1]).toEqual({ event: 'project.created', name: 'P', path: project });
  expect(last).toMatchObject({
    event: 'project.ready',
    path: project,
    counts: { total: 2500, test: 500 },
    skippedFiles: [],
  });
  expect(last.classes).toHaveLength(10);
  expect((await atelier('new', project, '--json')).last).toMatchObject({
    event: 'error',
    code: 'PROJECT_EXISTS',
  });
});

it('import: adds a folder per class', async () => {
  const source = join(folder, 'shapes');
  mkdirSync(join(source, 'Bag'), { recursive: true });
  writeFileSync(join(source, 'Bag', 'a.png'), grey);
  writeFileSync(join(source, 'Bag', 'broken.png'), 'no image');
  const other = join(folder, 'Other');
  await atelier('new', other);
  const { code, last } = await atelier('import', other, source, '--json');
  expect(code).toBe(0);
  expect(last).toMatchObject({
    event: 'import.finished',
    imported: 1,
    skippedFiles: [{ path: expect.stringContaining('broken.png') }],
  });
  expect((await atelier('import', other, source, '--json')).last).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringMatching(/all 1 of .*shapes were imported before/) as string,
  });
  writeFileSync(join(source, 'Bag', 'b.png'), grey);
  writeFileSync(join(source, 'Bag', 'torn.png'), 'no image');
  const words = await atelier('import', other, source);
  expect(words.out).toMatch(
    /Imported 1 images[^]*1 were imported before[^]*Skipped 1 file:[^]*1 × Text, not an image\. Bag\/torn\.png/,
  );
});

it('train: ends with run.finished, as the guide says', async () => {
  const { code, lines, last, err } = await atelier(
    ...['train', project, '--recipe', 'quick', '--set', 'training.epochs=1', '--name', 'One', '--json'],
  );
  expect([code, err]).toEqual([0, '']);
  expect(lines.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['run.started', 'run.progress', 'run.epoch']),
  );
  expect(lines.filter(({ event }) => event === 'run.epoch')).toHaveLength(1);
  expect(last).toMatchObject({
    event: 'run.finished',
    run: expect.stringMatching(/^[a-z0-9-]+$/),
    validation: { accuracy: expect.any(Number) },
    test: { accuracy: expect.any(Number) },
    parameters: expect.any(Number),
    imagesPerSecond: expect.any(Number),
    engine: { kind: 'tensorflow', device: expect.any(String) },
  });
});

it('train: prints a line an epoch to a person', async () => {
  const { code, out } = await atelier('train', project, '--set', 'training.epochs=1');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^epoch +loss +acc\. +val\. loss +val\. acc\. +top 3 +macro F1 +images\/s +s\n +1\/1( +\d[\d.,]*( %)?){8}$/m,
  );
  expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(out).toMatch(/Test accuracy +\d/);
});

it('train: Ctrl-C stops it, and it goes on later', async () => {
  const first = start('train', project, '--set', 'training.epochs=30', '--json');
  await first.saw('run.epoch');
  first.child.kill('SIGINT');
  const stopped = await first.ended;
  expect(stopped.code).toBe(1);
  expect(stopped.err).toContain('Ctrl-C again');
  expect(stopped.last).toMatchObject({
    event: 'error',
    code: 'CANCELLED',
    message: expect.stringContaining('--resume'),
  });
  const { run } = stopped.last.details as { run: string };
  const second = start('train', project, '--resume', run, '--json');
  const epoch = await second.saw('run.epoch');
  expect(epoch.epoch).toBeGreaterThan(1);
  second.child.kill('SIGINT');
  expect((await second.ended).last).toMatchObject({ code: 'CANCELLED' });
});

it('train: begins with the weights of another run, with its own recipe unless told otherwise', async () => {
  const { code, lines, last } = await atelier(
    ...['train', project, '--continue', 'One', '--set', 'training.learningRate=0.0001'],
    ...['--name', 'Two', '--note', 'Slower; =1+1', '--json'],
  );
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({
    event: 'run.started',
    origin: { runId: 'run-1', how: 'continue' },
    recipe: { training: { epochs: 1, learningRate: 0.0001 } },
  });
  const tuned = await atelier('train', project, '--fine-tune', 'One', '--json');
  expect([tuned.code, tuned.last.event]).toEqual([0, 'run.finished']);
  const listed = (await atelier('runs', project, '--json')).last as unknown as {
    runs: { id: string; name: string; note: string; origin: unknown; epochs: number }[];
  };
  expect(listed).toMatchObject({ event: 'runs' });
  expect(listed.runs.find(({ id }) => id === last.run)).toMatchObject({
    name: 'Two',
    note: 'Slower; =1+1',
    epochs: 1,
  });
  expect(listed.runs.find(({ id }) => id === tuned.last.run)!.origin).toEqual({
    runId: 'run-1',
    how: 'fine-tune',
  });
  const frozen = await atelier('train', project, '--set', 'training.frozenLayers=2', '--json');
  expect([frozen.code, frozen.last]).toMatchObject([
    1,
    {
      code: 'RECIPE_INVALID',
      message: expect.stringContaining(
        'only a run that begins with a backbone, or continues or fine-tunes another',
      ) as string,
    },
  ]);
  expect((await atelier('train', project, '--continue', 'Nobody', '--json')).last).toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('run-1 (One, finished)') as string,
  });
});

it('compare: says what differs, in numbers and in words', async () => {
  const { code, last } = await atelier('compare', project, 'One', 'Two', '--json');
  expect(code).toBe(0);
  expect(last).toMatchObject({
    event: 'comparison',
    runs: [
      { name: 'One', validationAccuracy: expect.any(Number) as number },
      { name: 'Two', testAccuracy: expect.any(Number) as number },
    ],
    differences: [{ recipe: [{ path: 'training.learningRate', right: 0.0001 }] }],
  });
  const { out } = await atelier('compare', project, 'One', 'Two');
  expect(out).toMatch(/^validation accuracy +\d+\.\d\d % +\d+\.\d\d %$/m);
  expect(out).toMatch(/^training\.learningRate +[\d.]+ +0\.0001$/m);
  expect(out).toMatch(/On the test part, image by image:\n(Two|One) is better by \d|No difference/);
  const { runs } = (await atelier('runs', project, '--json')).last as unknown as {
    runs: { id: string; origin: { how: string } | null }[];
  };
  const tuned = runs.find(({ origin }) => origin?.how === 'fine-tune')!.id;
  const same = await atelier('compare', project, 'One', tuned, '--split', 'validation');
  expect(same.out).toContain('On the validation part, image by image:');
  expect(same.out).toContain('The recipes say the same.');
  // By its name and by its id it is the same run.
  expect(await atelier('compare', project, 'One', 'run-1', '--json')).toMatchObject({
    code: 2,
    last: {
      code: 'USAGE',
      message: expect.stringMatching(/^Expected different runs, received run-1/) as string,
    },
  });
  const byClass = await atelier('compare', project, 'One', 'Two', '--classes', '--json');
  const { presentLabels } = byClass.last as unknown as { presentLabels: { comparison: RepairComparison }[] };
  const { fixed, classes, before, after } = presentLabels[0]!.comparison;
  expect(classes.reduce((sum, one) => sum + one.fixed, 0)).toBe(fixed);
  expect(before.then).toBe(after.now);
  expect((await atelier('compare', project, 'One', 'Two', '--classes')).out).toMatch(
    /^One: evaluated on labels [0-9a-f]{6}, \d+\.\d\d %; these are the present ones$/m,
  );
});

it('runs: lists, renames, annotates and deletes one, and that one only', async () => {
  expect((await atelier('runs', project, 'rename', 'Two', 'Two and a half')).code).toBe(0);
  expect((await atelier('runs', project, 'note', 'Two and a half', 'Worth\nkeeping')).code).toBe(0);
  const { out } = await atelier('runs', project);
  expect(out).toMatch(/^run-\d+ {2}Two and a half +finished +1\/1 +\d/m);
  expect(out).toMatch(/^ {4}continues run-1\n {4}Worth\n {4}keeping$/m);
  const before = (await atelier('runs', project, '--json')).last.runs as { id: string; name: string }[];
  const { id } = before.find(({ name }) => name === 'Two and a half')!;
  // The beginning of a name or id is no name to delete by.
  expect((await atelier('runs', project, 'delete', 'Two', '--json')).last).toMatchObject({
    code: 'NOT_FOUND',
  });
  expect((await atelier('runs', project, 'delete', id, '--json')).last).toEqual({
    event: 'run.deleted',
    run: id,
    name: 'Two and a half',
  });
  const after = (await atelier('runs', project, '--json')).last.runs as { id: string }[];
  expect(after.map((run) => run.id)).toEqual(before.map((run) => run.id).filter((other) => other !== id));
});

it('logs: writes what TensorBoard reads', async () => {
  const { code, last } = await atelier('logs', project, '--run', 'One', '--json');
  expect(code).toBe(0);
  expect(last).toMatchObject({ event: 'logs.exported', run: 'run-1', epochs: 1 });
  const folder = last.path as string;
  expect(readFileSync(join(folder, readdirSync(folder)[0]!)).length).toBe(last.bytes);
  expect((await atelier('logs', project, '--run', 'One')).out).toContain('tensorboard --logdir');
});
