/** Answer rules: that they keep what a person chose, on the images they are fitted on, and that only whole ones of the present weights are read. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AnswerRuleChoice,
  answerPromise,
  defaultChoice,
  unknownPromise,
  verdictOf,
  verdictWords,
} from '#contract/answer-rule.ts';
import { generator, normal } from '#learning/random-numbers.ts';
import { fitTemperature, scale } from '#learning/statistics/temperature.ts';
import { finish } from '#learning/work-in-turns.ts';
import { loadAnswerRule, removeAnswerRule, saveAnswerRule } from './answer-rule-file.ts';
import { fitAnswerRule, probabilitiesAt } from './fit-answer-rule.ts';

/** Logits of a network that is too sure, and wrong of about every fifth image. */
function outputs(images: number, classes = 4, size = 6) {
  const draw = normal(generator(images, classes));
  const labels = Int32Array.from({ length: images }, (_, at) => at % classes);
  const logits = Float32Array.from(
    { length: images * classes },
    (_, at) => 4 * draw() + (labels[Math.floor(at / classes)] === at % classes ? 8 : 0),
  );
  const features = Float32Array.from(
    { length: images * size },
    (_, at) => draw() + (labels[Math.floor(at / size)] === at % size ? 3 : 0),
  );
  return { labels, logits, features };
}
const [train, validation] = [outputs(300), outputs(200)];
const fit = (choice: Partial<AnswerRuleChoice> = {}, of = validation) =>
  finish(fitAnswerRule(train, of, 4, { ...defaultChoice, ...choice }));

describe('an answer rule', () => {
  it('has the temperature of the validation images, and probabilities as scaling them gives', () => {
    const { rule } = fit();
    const plain = probabilitiesAt(validation.logits, 1, 4);
    expect(rule.temperature).toBeCloseTo(fitTemperature(plain, validation.labels, 4)!.temperature, 3);
    expect(rule.temperature).toBeGreaterThan(1);
    const scaled = scale(plain, rule.temperature, 4);
    probabilitiesAt(validation.logits, rule.temperature, 4).forEach((value, at) =>
      expect(value).toBeCloseTo(scaled[at]!, 5),
    );
  });

  it.each([0.5, 0.9, 1])('answers, of images that are known, the surest %d', (value) => {
    const { rule } = fit({ threshold: { by: 'coverage', value }, known: 1 });
    expect(rule.validation).toMatchObject({
      images: 200,
      answered: 200 * value,
      unknown: 0,
      unsure: 200 - 200 * value,
    });
  });

  it('answers as many as there are with no more of them wrong than was said', () => {
    const { rule } = fit({ threshold: { by: 'error', value: 0.05 }, known: 1 });
    const { answered, wrong } = rule.validation;
    expect(wrong / answered).toBeLessThanOrEqual(0.05);
    expect(answered).toBeGreaterThan(50);
    const none = { ...validation, labels: validation.labels.map((label) => (label + 1) % 4) };
    expect(() => fit({ threshold: { by: 'error', value: 0 } }, none)).toThrow(
      /at most 0 % .* but there is none. Choose a greater error/,
    );
  });

  it('takes fewer of the validation images for unknown than were given up, since it promises it of others', () => {
    const { rule } = fit({ known: 0.95 });
    expect(rule.validation.unknown).toBe(4);
    expect(rule.promised!.unknownAtMost).toBeLessThanOrEqual(0.05);
    expect(fit({ known: 0.5, threshold: { by: 'threshold', value: 0 } }).rule).toMatchObject({
      threshold: 0,
      validation: { unknown: 87, unsure: 0 },
    });
    const few = fit({ known: 0.95 }, outputs(40)).rule;
    expect(few.validation.unknown).toBe(0);
    expect(few.promised).toMatchObject({
      imagesNeeded: 59,
      unknownAtMost: expect.closeTo(0.0722, 4) as number,
    });
  });

  it('is none of no network', () => {
    const nothing = { labels: new Int32Array(0), logits: new Float32Array(0), features: new Float32Array(0) };
    expect(() => fit({}, nothing)).toThrow(/validation images to choose an answer rule on/);
    const same = { ...train, features: new Float32Array(train.features.length) };
    expect(() => finish(fitAnswerRule(same, validation, 4, defaultChoice))).toThrow(
      /training images that differ/,
    );
  });

  it('takes what is no number for no answer', () => {
    const limits = { temperature: 1, threshold: 0.5, noveltyThreshold: 3 };
    const cases = [
      [0.5, 3, 'answer'],
      [0.4, 3, 'unsure'],
      [0.9, 3.1, 'unknown'],
      [0.9, NaN, 'unknown'],
      [NaN, 0, 'unsure'],
    ] as const;
    for (const [top, novelty, verdict] of cases) expect(verdictOf(top, novelty, limits)).toBe(verdict);
    const judged = { ...limits, threshold: 0.6321, novelty: 0 };
    expect(verdictWords('unsure', 0.4149, judged)).toBe('Not sure: 41.5 %, below the threshold of 63.2 %');
    expect([verdictWords('unknown', 1, judged), verdictWords('answer', 1, judged)]).toEqual([
      'Unlike all training images',
      null,
    ]);
  });
});

describe('its file', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'atelier-rule-'))));
  afterEach(() => rm(folder, { recursive: true }));
  const kept = () => {
    const { rule, novelty } = fit();
    return { rule: { ...rule, epoch: 3, fittedAt: '2026-11-27T12:00:00.000Z' }, novelty };
  };

  it('gives back what was kept, of these weights only, until it is removed', async () => {
    const rule = kept();
    await saveAnswerRule(folder, rule);
    expect(await loadAnswerRule(folder, 3)).toEqual(rule);
    expect([await loadAnswerRule(folder, 4), await loadAnswerRule(folder, null)]).toEqual([null, null]);
    removeAnswerRule(folder);
    removeAnswerRule(folder);
    expect(await loadAnswerRule(folder, 3)).toBeNull();
  });

  it('is read though it is of before promises, and promises nothing', async () => {
    const { rule, novelty } = kept();
    const { promised, ...before } = rule;
    expect(promised).not.toBeNull();
    await saveAnswerRule(folder, { rule: before as typeof rule, novelty });
    const read = (await loadAnswerRule(folder, 3))!.rule;
    expect(read).toEqual({ ...before, promised: null });
    expect(unknownPromise(read)).toMatch(/chosen before there was a promise .+ Choose it again/);
    expect(answerPromise(read)).toBe('');
  });

  it('is none where a byte of it is another, or bytes are missing', async () => {
    await saveAnswerRule(folder, kept());
    const path = join(folder, 'answer-rule.safetensors');
    const whole = await readFile(path);
    for (let at = 3; at < whole.length; at += 97) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 4;
      await writeFile(path, bytes);
      expect(await loadAnswerRule(folder, 3), `byte ${at}`).toBeNull();
    }
    await writeFile(path, whole.subarray(0, -4));
    expect(await loadAnswerRule(folder, 3)).toBeNull();
  });
});
