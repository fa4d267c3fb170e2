/** What a run says of images of the project and of others: `evaluate`, `embed`, `similar` and `inspect`, as processes that a script reads. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Evidence } from '#contract/evidence.ts';
import { grey, TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('evaluate');
const { folder, project, run: atelier } = commandLine;
beforeAll(() => commandLine.buildAndFill('One'));
afterAll(() => commandLine.close());

it('embed, similar: by a run where told to, once, and the likest first', async () => {
  const none = await atelier('similar', project, '1');
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('atelier embed PROJECT') as string]);
  const { code, lines, last } = await atelier('embed', project, '--by', 'One', '--json');
  expect(code).toBe(0);
  const { done, total } = (last as unknown as { embeddings: { done: number; total: number } }).embeddings;
  expect(last).toMatchObject({
    event: 'embedding.finished',
    embeddings: { by: { kind: 'run', runId: 'run-1' }, state: 'complete', jobId: null },
  });
  expect(done).toBe(total);
  expect(lines.some(({ event }) => event === 'embedding.progress')).toBe(true);
  const again = await atelier('embed', project);
  expect(again.out).toMatch(/have an embedding by run One \(run-1\)\.$/m);
  const found = (await atelier('similar', project, '1', '--count', '3', '--json')).last as unknown as {
    neighbours: { item: { id: number }; similarity: number }[];
  };
  const similarities = found.neighbours.map(({ similarity }) => similarity);
  expect(similarities).toHaveLength(3);
  expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
  expect(found.neighbours.some(({ item }) => item.id === 1)).toBe(false);
  expect((await atelier('similar', project, '1', '--count', '3')).out).toMatch(
    /^similarity +item +class +name/m,
  );
  expect((await atelier('similar', project, 'one')).code).toBe(2);
  expect((await atelier('similar', project, '999999999', '--json')).last).toMatchObject({
    code: 'NOT_FOUND',
  });
});

it('evaluate: augments at test time where told to', async () => {
  const of = async (...more: string[]) => {
    const { last } = await atelier('evaluate', project, '--run', 'One', ...more, '--json');
    return last.evaluation as { tta: string; loss: number; count: number };
  };
  const [plain, flip] = [await of(), await of('--tta', 'flip')];
  expect([plain.tta, flip.tta, flip.count]).toEqual(['none', 'flip', plain.count]);
  expect(flip.loss).not.toBe(plain.loss);
  expect(await of()).toMatchObject({ tta: 'none', loss: plain.loss });
  expect((await atelier('evaluate', project, '--run', 'One', '--tta', 'flip')).out).toMatch(
    /on test, TTA flip: \d+ of 500 right[^]*^Top-3 accuracy /m,
  );
  const shares = await atelier('evaluate', project, '--run', 'One', '--normalize', 'row');
  const [, ...rows] = shares.out
    .split('Confusion matrix, normalised by row, in per cent')[1]!
    .trim()
    .split('\n');
  const sums = rows.slice(1).map((row) =>
    row
      .match(/[\d.]+/g)!
      .slice(-10)
      .reduce((sum, value) => sum + Number(value), 0),
  );
  expect(sums.length).toBe(10);
  for (const sum of sums) expect(Math.abs(sum - 100)).toBeLessThan(0.6);
});

it('evaluate: writes the confusion matrix as a table, and replaces none unasked', async () => {
  const path = join(commandLine.folder, 'confusion.csv');
  const write = (...more: string[]) =>
    atelier('evaluate', project, '--run', 'One', '--csv', path, '--json', ...more);
  const { last } = await write();
  expect(last).toMatchObject({ event: 'evaluation.finished', csv: path });
  const { classes, confusion } = last.evaluation as { classes: { name: string }[]; confusion: number[][] };
  const [head, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\r\n');
  expect(head).toBe(['actual \\ predicted', ...classes.map(({ name }) => name)].join(','));
  expect(rows).toEqual(classes.map(({ name }, row) => [name, ...confusion[row]!].join(',')));
  expect((await write()).last).toMatchObject({ code: 'CONFLICT' });
  expect((await write('--force', '--normalize', 'row')).code).toBe(0);
  const [, first] = readFileSync(path, 'utf8').split('\r\n');
  const shares = first!.split(',').slice(1).map(Number);
  expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 9);
});

it('evaluate: says how sure each figure is, and how far probabilities can be trusted', async () => {
  const { code, last } = await atelier('evaluate', project, '--run', 'One', '--intervals', '--json');
  expect(code).toBe(0);
  const { evidence } = last as unknown as { evidence: Evidence };
  expect(evidence).toMatchObject({ runId: 'run-1', split: 'test', count: 500, draws: 2000 });
  for (const { value, interval, method } of evidence.metrics) {
    if (method === 'none') continue;
    expect(interval!.low).toBeLessThanOrEqual(value);
    expect(interval!.high).toBeGreaterThanOrEqual(value);
  }
  expect(evidence.temperature!.images).toBeGreaterThan(0);
  const { out } = await atelier('evaluate', project, '--run', 'One', '--intervals');
  expect(out).toMatch(/^Accuracy +[\d.]+ % +[\d.]+ % to [\d.]+ % +exact$/m);
  expect(out).toMatch(/^Macro ROC AUC +[\d.]+ +[\d.]+ to [\d.]+ +bootstrap$/m);
  expect(out).toMatch(/at temperature [\d.]+, fitted on \d+ validation images/);
  const [, first, second] =
    /^Accuracy .*interval ([\d.]+ % to [\d.]+ %), exact\)$[^]*^Accuracy +[\d.]+ % +(.*?) +exact$/m.exec(out)!;
  expect(second).toBe(first);
  expect(out).toMatch(
    /^Calibration error \(ECE\) [\d.]+ % \(a perfectly calibrated network would show .* on these 500 images\)$/m,
  );
  expect(out).toMatch(/^By class, with intervals at 95 % \(exact\)$/m);
  expect((await atelier('evaluate', project, '--intervals', '--tta', 'flip')).code).toBe(2);
});

it('report: one page that needs nothing else, or a model card, and never over a file that is there', async () => {
  const out = join(folder, 'reports');
  const { code, last } = await atelier('report', project, '--run', 'One', '--out', out, '--json');
  expect([code, last]).toEqual([0, expect.objectContaining({ event: 'report.written', format: 'html' })]);
  const page = readFileSync((last as unknown as { path: string }).path, 'utf8');
  expect(page).toContain('<h1>One</h1>');
  expect(page.match(/src="data:image/g)!.length).toBeGreaterThan(5);
  expect((await atelier('report', project, '--run', 'One', '--out', out)).code).toBe(1);
  await atelier('report', project, '--run', 'One', '--out', out, '--format', 'markdown');
  expect(readdirSync(out).some((name) => name.endsWith('-report.md'))).toBe(true);
  expect((await atelier('report', project, '--format', 'pdf')).code).toBe(2);
});

it('replay: trains it once more, and every bit is the same', async () => {
  const { code, last } = await atelier('replay', project, '--run', 'One', '--json');
  expect([code, last]).toEqual([0, expect.objectContaining({ event: 'replay.finished' })]);
  expect(last).toMatchObject({
    replay: { runId: 'run-1', equal: true, sameEngine: true, firstDifference: null },
  });
});

it('evaluate: agrees with the run, in numbers and in words', async () => {
  const { code, last } = await atelier('evaluate', project, '--run', 'One', '--json');
  expect(code).toBe(0);
  const { evaluation } = last as unknown as {
    evaluation: { count: number; correct: number; accuracy: number; confusion: number[][] };
  };
  expect(evaluation.count).toBe(500);
  expect(evaluation.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(500);
  expect(evaluation.confusion.reduce((sum, row, index) => sum + row[index]!, 0)).toBe(evaluation.correct);
  const { out } = await atelier('evaluate', project, '--run', 'One');
  expect(out).toContain(`${evaluation.correct} of 500 right`);
  expect(out).toMatch(/95 % interval/);
  expect(out).toMatch(/^10 Ankle boot( +\d+){10}$/m);
});

it('inspect: writes what each layer makes of an image, in the order of the layers', async () => {
  const image = join(folder, 'looked-at.png');
  const out = join(folder, 'made', 'inside');
  writeFileSync(image, grey);
  const look = (...more: string[]) =>
    atelier('inspect', project, image, '--run', 'One', '--out', out, ...more);
  const { code, last } = await look('--json');
  expect(code).toBe(0);
  expect(last).toMatchObject({ event: 'inspect.finished', run: 'run-1', image, folder: out });
  const layers = last.layers as {
    name: string;
    outputShape: number[];
    activations: string;
    filters: string | null;
    values: number[] | null;
  }[];
  const [first, end] = [layers[0]!, layers[layers.length - 1]!];
  expect(first).toMatchObject({
    activations: expect.stringMatching(/^01-[a-z0-9-]+-activations\.png$/) as string,
    filters: expect.stringMatching(/^01-[a-z0-9-]+-filters\.png$/) as string,
    values: null,
  });
  const place = String(layers.length).padStart(2, '0');
  expect(end).toMatchObject({
    name: 'classifier',
    activations: `${place}-classifier-activations.csv`,
    filters: null,
  });
  const named = layers.flatMap(({ activations, filters }) => [activations, ...(filters ? [filters] : [])]);
  expect(readdirSync(out).sort()).toEqual(named);
  expect(last.files).toBe(named.length);
  for (const name of named.filter((name) => name.endsWith('.png')))
    expect(readFileSync(join(out, name)).subarray(1, 4).toString()).toBe('PNG');
  expect(readFileSync(join(out, end.activations), 'utf8').split('\r\n')).toEqual([
    'channel,value',
    ...end.values!.map((value, index) => `${index + 1},${value}`),
    '',
  ]);

  // A second look replaces the first one's files where that is said, and leaves what else is there.
  writeFileSync(join(out, first.activations), 'old');
  writeFileSync(join(out, 'notes.txt'), 'mine');
  const refused = await look('--json');
  expect(refused.last).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('--force') as string,
    details: { paths: expect.arrayContaining([join(out, first.activations)]) as string[] },
  });
  expect(readFileSync(join(out, first.activations), 'utf8')).toBe('old');
  const words = await look('--force');
  expect(words.code).toBe(0);
  expect(words.out).toContain(`One on ${image}: ${named.length} files in ${out}`);
  expect(words.out).toMatch(/^layer +kind +output shape +activations +filters$/m);
  expect(words.out).toMatch(/^classifier +dense +10 +\d\d-classifier-activations\.csv +–$/m);
  expect(readFileSync(join(out, first.activations)).subarray(1, 4).toString()).toBe('PNG');
  expect(readdirSync(out).sort()).toEqual([...named, 'notes.txt']);
});

it('inspect: leaves nothing behind of an image that is none, and refuses a file as its folder', async () => {
  const [image, broken] = [join(folder, 'looked-at.png'), join(folder, 'torn.png')];
  const out = join(folder, 'never');
  writeFileSync(image, grey);
  writeFileSync(broken, 'no image');
  expect((await atelier('inspect', project, broken, '--out', out, '--json')).last).toMatchObject({
    code: 'IMAGE_UNREADABLE',
  });
  expect((await atelier('inspect', project, `${broken}.not`, '--out', out, '--json')).last).toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(existsSync(out)).toBe(false);
  expect((await atelier('inspect', project, image, '--out', image, '--json')).last).toMatchObject({
    code: 'FILE_NOT_WRITABLE',
    message: expect.stringMatching(/Choose another one with --out/) as string,
  });
  expect(readFileSync(image)).toEqual(grey);
});
