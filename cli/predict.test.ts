/** `predict` and `export`, as processes that a script reads: by a run, and by the bundle that is made of it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grey, type Line, TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('predict');
const { folder, project, run: atelier } = commandLine;
beforeAll(() => commandLine.buildAndFill('One'));
afterAll(() => commandLine.close());

it('predict: answers for each file, and quotes a table against formulas', async () => {
  const image = join(folder, '=1+1.png');
  const broken = join(folder, 'broken.png');
  const table = join(folder, 'out.csv');
  writeFileSync(image, grey);
  writeFileSync(broken, 'no image');
  const { code, lines, last } = await atelier(
    ...['predict', project, image, broken, '--run', 'One', '--csv', table, '--json'],
  );
  // Not all of them were classified.
  expect(code).toBe(1);
  expect(lines[0]).toMatchObject({ event: 'prediction', file: image, predicted: expect.any(String) });
  const probabilities = Object.values(lines[0]!.probabilities as Record<string, number>);
  expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
  expect(lines[1]).toMatchObject({ event: 'prediction.failed', file: broken, code: 'IMAGE_UNREADABLE' });
  expect(last).toMatchObject({
    event: 'predict.finished',
    run: 'run-1',
    runName: 'One',
    files: 1,
    failed: 1,
    csv: table,
  });
  const [head, first, second, end] = readFileSync(table, 'utf8').split('\r\n');
  expect(head).toMatch(/^file,predicted,T-shirt\/top,.*,Ankle boot,error$/);
  expect(first!.split(',').slice(0, 2)).toEqual([image, lines[0]!.predicted]);
  expect(second).toMatch(/^[^,]+broken\.png,{12}"?Expected an image/);
  expect(end).toBe('');
  writeFileSync(table, 'mine');
  expect((await atelier('predict', project, image, '--csv', table, '--json')).last).toMatchObject({
    code: 'CONFLICT',
    details: { paths: [table] },
  });
  expect(readFileSync(table, 'utf8')).toBe('mine');
  const none = await atelier('predict', project, broken, '--csv', table, '--force', '--json');
  expect(none).toMatchObject({ code: 1, last: { event: 'error', code: 'IMAGE_UNREADABLE' } });
  expect(readFileSync(table, 'utf8')).toMatch(
    /^file,predicted,error\r\n[^,]+broken\.png,,"?Expected an image[^\r]*\r\n$/,
  );
});

it('predict: walks folders in the order of their names, and tells of each file', async () => {
  const set = join(folder, 'set');
  mkdirSync(join(set, 'b', 'deep'), { recursive: true });
  for (const name of ['b/deep/two', 'b/one.png', 'a.png', '.hidden.png'])
    writeFileSync(join(set, name), grey);
  writeFileSync(join(set, 'c;=cmd().txt'), 'notes');
  symlinkSync(set, join(set, 'b', 'loop'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(set, 'd.png')]);
  const table = join(set, 'out.csv');
  const { code, lines, last } = await atelier('predict', project, set, '--csv', table, '--json');
  expect(code).toBe(1);
  const told = lines.slice(0, -1).map(({ event, file }) => [event, String(file).slice(set.length + 1)]);
  expect(told).toEqual([
    ['prediction', 'a.png'],
    ['prediction', 'b/deep/two'],
    ['prediction.failed', 'b/loop'],
    ['prediction', 'b/one.png'],
    ['prediction.failed', 'c;=cmd().txt'],
    ...(process.platform === 'win32' ? [] : [['prediction.failed', 'd.png']]),
  ]);
  expect(last).toMatchObject({ event: 'predict.finished', files: 3, passedOver: 1 });
  const rows = readFileSync(table, 'utf8').split('\r\n');
  expect(rows).toHaveLength(told.length + 2);
  expect(rows[5]).toMatch(/^"[^"]*c;=cmd\(\)\.txt",,/);
  const words = await atelier('predict', project, join(set, 'a.png'), join(set, 'gone.png'));
  expect(words.code).toBe(1);
  expect(words.out).toMatch(/^2 files with run .+ \(run-\d+\); 1 failed, with the reasons above\.$/m);
  expect(words.err).toMatch(/gone\.png: Expected an image at .+ nothing is there/);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  expect((await atelier('predict', project, empty, '--json')).last).toMatchObject({ code: 'SOURCE_EMPTY' });
});

it('export: writes a proved bundle', async () => {
  const out = join(folder, 'bundle.zip');
  const { code, last } = await atelier('export', project, '--out', out, '--json');
  expect(code).toBe(0);
  expect(last).toMatchObject({
    event: 'export.finished',
    bundle: { path: out, parity: { passed: true, labelFlips: 0 } },
  });
  expect(existsSync(out)).toBe(true);
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'mine');
  const refused = await atelier('export', project, '--out', notes, '--json');
  expect(refused.last).toMatchObject({ code: 'CONFLICT', details: { paths: [notes] } });
  expect(readFileSync(notes, 'utf8')).toBe('mine');
  expect((await atelier('export', project, '--out', notes, '--force')).code).toBe(0);
  expect(readFileSync(notes).subarray(0, 2).toString()).toBe('PK');
});

it('export: writes the format that is asked for, or that the ending of the file says', async () => {
  const out = join(folder, 'model.onnx');
  const asked = join(folder, 'asked.bin');
  const { last } = await atelier('export', project, '--out', out, '--json');
  expect(last).toMatchObject({ bundle: { path: out, format: 'onnx', parity: { passed: true } } });
  expect((await atelier('export', project, '--out', asked, '--format', 'onnx')).code).toBe(0);
  expect(readFileSync(asked).equals(readFileSync(out))).toBe(true);
  expect((await atelier('export', project, '--out', asked, '--format', 'keras')).err).toContain(
    'Expected bundle or onnx for --format, received keras.',
  );
  expect((await atelier('help', 'export')).out).toContain('    onnx: Only the model');
});

it('predict: a bundle answers as the run did, and a file that is none is refused', async () => {
  const image = join(folder, 'grey.png');
  writeFileSync(image, grey);
  const bundle = join(folder, 'bundle.zip');
  const fromRun = await atelier('predict', project, image, '--json');
  const { code, lines, last } = await atelier(
    ...['predict', bundle, image, join(folder, 'broken.png'), '--json'],
  );
  expect(code).toBe(1);
  expect(last).toMatchObject({
    event: 'predict.finished',
    bundle,
    run: fromRun.last.run,
    runName: fromRun.last.runName,
    files: 1,
    failed: 1,
  });
  const words = await atelier('predict', bundle, image);
  expect(words.code).toBe(0);
  expect(words.out).toContain(
    `\n1 file with run ${String(last.runName)} (${String(last.run)}) of bundle.zip.\n`,
  );
  // One bit of a weight.
  const rotten = join(folder, 'rotten.zip');
  const bytes = readFileSync(bundle);
  bytes[bytes.indexOf('preprocessing/scale') + 2000]! ^= 1;
  writeFileSync(rotten, bytes);
  expect(await atelier('predict', rotten, image, '--json')).toMatchObject({
    code: 1,
    last: { event: 'error', code: 'BUNDLE_DAMAGED' },
  });
  const of = (line: Line | undefined) => line!.probabilities as Record<string, number>;
  for (const [name, probability] of Object.entries(of(fromRun.lines[0]))) {
    expect(of(lines[0])[name]).toBeCloseTo(probability, 4);
  }
  const forged = join(folder, 'forged.zip');
  writeFileSync(forged, 'PK no zip');
  const refused = await atelier('predict', forged, image, '--json');
  expect(refused).toMatchObject({ code: 1, last: { event: 'error', code: 'SOURCE_UNREADABLE' } });
});
