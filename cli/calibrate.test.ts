/** `calibrate`, as a process that a script reads, and what `predict` and `export` say of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnswerRule } from '#contract/answer-rule.ts';
import { grey, TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('calibrate');
const { folder, project, run: atelier } = commandLine;
const image = join(folder, 'grey.png');
const broken = join(folder, 'broken.png');
beforeAll(async () => {
  await commandLine.buildAndFill('One');
  writeFileSync(image, grey);
  writeFileSync(broken, 'no image');
});
afterAll(() => commandLine.close());

it('chooses a rule, says what it does to the validation images, and what was before', async () => {
  const first = await atelier('calibrate', project, '--run', 'One', '--json');
  expect(first.code).toBe(0);
  expect(first.last).toMatchObject({
    event: 'calibrate.finished',
    run: 'run-1',
    before: null,
    rule: {
      chosen: { threshold: { by: 'coverage', value: 0.9 }, known: 0.95 },
      promised: { confidence: 0.95 },
    },
  });
  const { promised, validation } = first.last['rule'] as AnswerRule;
  expect(promised!.unknownAtMost).toBeGreaterThan(validation.unknown / validation.images);
  expect(promised!.wrongAtMost).toBeGreaterThan(validation.wrong / validation.answered);
  const { code, out } = await atelier('calibrate', project, '--threshold', '0.6', '--known', '0.9');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^One answers where its probability is 0\.600 or more \(--threshold 0\.6 --known 0\.9\)\.$/m,
  );
  expect(out).toMatch(
    /^Of these [\d,]+: [\d,]+ answered \([\d.]+ %\), [\d,]+ of them wrong .+; [\d,]+ not sure .+, [\d,]+ unknown .+\.$/m,
  );
  expect(out).toMatch(
    /^Unknown is what is less like [\d,]+ training images than all but [\d,]+ of the validation images are\. With 95 % confidence, at most (\d|10)(\.\d+)? % of images like the validation images are taken for unknown\.$/m,
  );
  expect(out).toMatch(
    /^With 95 % confidence, at most [\d.]+ % of the answers to images like them are wrong\.$/m,
  );
  expect(out).toMatch(/^Before: --coverage 0\.9 --known 0\.95\.$/m);
});

it('predict: says a verdict in words, in its events, in its table and of a bundle', async () => {
  const table = join(folder, 'out.csv');
  const { lines } = await atelier('predict', project, broken, image, '--csv', table, '--json');
  const { verdict, judged } = lines[1]!;
  // A grey square is no garment.
  expect([verdict, judged]).toEqual(['unknown', expect.objectContaining({ threshold: Math.fround(0.6) })]);
  const [head, first, second] = readFileSync(table, 'utf8').split('\r\n');
  expect(head).toMatch(/^file,predicted,verdict,novelty,T-shirt\/top,.*,error$/);
  expect(first).toMatch(/^[^,]+broken\.png,{14}"?Expected an image/);
  expect(second!.split(',').slice(2, 4)).toEqual([
    'unknown',
    String((judged as { novelty: number }).novelty),
  ]);
  expect((await atelier('predict', project, image)).out).toMatch(
    /grey\.png: Unlike all training images \(else .+ %/,
  );

  const bundle = join(folder, 'bundle.zip');
  expect((await atelier('export', project, '--out', bundle)).out).toMatch(/0 other verdicts/);
  const answered = await atelier('predict', bundle, image, '--json');
  expect(answered.lines[0]).toMatchObject({ verdict: 'unknown', judged: { threshold: Math.fround(0.6) } });
});

it('is off again, and predictions are as they were', async () => {
  const { out } = await atelier('calibrate', project, '--off');
  expect(out).toBe('One answers always.\nBefore: --threshold 0.6 --known 0.9.\n');
  const { lines } = await atelier('predict', project, image, '--json');
  expect(lines[0]).toMatchObject({ verdict: 'answer', judged: null });
});

it.each([
  [['--coverage', '0.9', '--error', '0.1'], /Expected one of --coverage, --error and --threshold/],
  [['--off', '--known', '0.9'], /or --off alone/],
  [['--error', 'few'], /Expected --error from 0 to 1, as 0\.9 for 90 %, received "few"/],
  [['--coverage', '90'], /Expected --coverage from 0 to 1/],
  [['--known', '0.2'], /Expected --known from 0\.5 to 1/],
])('refuses %s', async (words, message) => {
  const { code, err } = await atelier('calibrate', project, ...words);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});
