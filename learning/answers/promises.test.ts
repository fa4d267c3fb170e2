/** Promises of an answer rule: against the tables of tolerance limits, and kept as often as they say in drawings whose truth is known. */
import { describe, expect, it } from 'vitest';
import {
  type AnswerRule,
  type AnswerRuleChoice,
  answerPromise,
  defaultChoice,
  unknownPromise,
  verdictOf,
} from '#contract/answer-rule.ts';
import { binomialBelow } from '#recipe/statistics/binomial.ts';
import { generator, normal } from '#learning/random-numbers.ts';
import { finish } from '#learning/work-in-turns.ts';
import { fitAnswerRule, probabilitiesAt } from './fit-answer-rule.ts';
import { noveltyOf } from './novelty.ts';
import { mostRefused, promisesOf, thresholdRefusing } from './promises.ts';

/** Three standard deviations of a share that is this, of so many drawings. */
const chance = (share: number, draws: number) => 3 * Math.sqrt((share * (1 - share)) / draws);
const drawn = { images: 0, refused: 0, answered: 0, wrong: 0 };

describe('how many of the validation images may be refused', () => {
  it('is as in the tables for 95 % at 95 % confidence', () => {
    for (const [refused, images] of [59, 93, 124, 153, 181, 208].entries()) {
      expect(mostRefused(images, 0.95)).toBe(refused);
      expect(mostRefused(images - 1, 0.95)).toBe(Math.max(0, refused - 1));
    }
    expect([mostRefused(0, 0.95), mostRefused(500, 1), mostRefused(12_000, 0.95)]).toEqual([0, 0, 560]);
  });

  it.each([30, 59, 93, 200, 1000, 5000])('keeps its promise with %d images', (images) => {
    const draws = images > 500 ? 1000 : 4000;
    const uniform = generator(images, 95);
    const refused = mostRefused(images, 0.95);
    const { unknownAtMost } = promisesOf({ ...drawn, images, refused }, defaultChoice);
    if (images >= 59) expect(unknownAtMost).toBeLessThanOrEqual(0.05);
    else expect(unknownAtMost).toBeCloseTo(1 - 0.05 ** (1 / images), 10);
    let [kept, keptByQuantile] = [0, 0];
    for (let draw = 0; draw < draws; draw += 1) {
      // Of scores that are -log of a uniform number, the share above t is exp(-t).
      const scores = Float64Array.from({ length: images }, () => -Math.log(1 - uniform()));
      const beyond = (most: number) => Math.exp(-thresholdRefusing(scores, most));
      if (beyond(refused) <= unknownAtMost) kept += 1;
      if (beyond(Math.floor(0.05 * images)) <= 0.05) keptByQuantile += 1;
    }
    const exact = 1 - binomialBelow(refused, images, unknownAtMost);
    expect(exact).toBeGreaterThanOrEqual(0.95 - 1e-9);
    expect(Math.abs(kept / draws - exact)).toBeLessThan(chance(exact, draws));
    // What it was before: kept about every second time.
    expect(keptByQuantile / draws).toBeLessThan(0.8);
  });

  it('makes a threshold of 32 bits that is not below the score it is put on', () => {
    const scores = Float64Array.of(0.1, -0.1, -7.3, 1 / 3, 9);
    for (let most = 0; most < scores.length; most += 1) {
      const threshold = thresholdRefusing(scores, most);
      expect(Math.fround(threshold)).toBe(threshold);
      expect(scores.filter((score) => !(score <= threshold)).length).toBe(most);
    }
    expect(thresholdRefusing(Float64Array.of(NaN, 2, 1), 1)).toBe(2);
    expect(thresholdRefusing(Float64Array.of(NaN, 2, 1), 0)).toBeNaN();
  });
});

describe('a whole rule', () => {
  const [classes, size] = [4, 3];
  function outputs(images: number, seed: number) {
    const draw = normal(generator(seed, images));
    const labels = Int32Array.from({ length: images }, (_, at) => at % classes);
    const logits = Float32Array.from(
      { length: images * classes },
      (_, at) => 2 * draw() + (labels[Math.floor(at / classes)] === at % classes ? 4 : 0),
    );
    const features = Float32Array.from(
      { length: images * size },
      (_, at) => draw() + (labels[Math.floor(at / size)] === at % size ? 3 : 0),
    );
    return { labels, logits, features };
  }
  const choices: AnswerRuleChoice['threshold'][] = [
    { by: 'coverage', value: 0.8 },
    { by: 'error', value: 0.1 },
    { by: 'threshold', value: 0.9 },
  ];

  it.each(choices)('keeps both promises of new images, chosen by $by', { timeout: 60_000 }, (threshold) => {
    const draws = 150;
    const train = outputs(200, 1);
    const others = outputs(8000, 2);
    let [known, right] = [0, 0];
    for (let draw = 0; draw < draws; draw += 1) {
      const validation = outputs(120, 3 + draw);
      const choice = { threshold, known: 0.95 };
      const { rule, novelty } = finish(fitAnswerRule(train, validation, classes, choice));
      const probabilities = probabilitiesAt(others.logits, rule.temperature, classes);
      let [unknown, answered, wrong] = [0, 0, 0];
      noveltyOf(novelty, others.features).forEach((score, image) => {
        const of = probabilities.subarray(image * classes, (image + 1) * classes);
        const top = Math.max(...of);
        const verdict = verdictOf(top, score, rule);
        if (verdict === 'unknown') unknown += 1;
        if (verdict !== 'answer') return;
        answered += 1;
        if (of[others.labels[image]!] !== top) wrong += 1;
      });
      if (unknown / others.labels.length <= rule.promised!.unknownAtMost) known += 1;
      if (wrong / answered <= rule.promised!.wrongAtMost) right += 1;
    }
    for (const kept of [known, right])
      expect(kept / draws).toBeGreaterThanOrEqual(0.95 - chance(0.95, draws));
  });
});

describe('in words', () => {
  const words = (images: number, known: number, threshold = defaultChoice.threshold) => {
    const refused = mostRefused(images, known);
    const counts = { images, refused, answered: images - refused, wrong: 2 };
    const rule = {
      chosen: { threshold, known },
      promised: promisesOf(counts, { threshold, known }),
      validation: { images } as AnswerRule['validation'],
    };
    return [unknownPromise(rule), answerPromise(rule)];
  };

  it('says what is promised, and what cannot be', () => {
    expect(words(12_000, 0.95)[0]).toBe(
      'With 95 % confidence, at most 5 % of images like the validation images are taken for unknown.',
    );
    expect(words(40, 0.95)[0]).toBe(
      'To promise at most 5 % takes 59 validation images; there are 40. With 95 % confidence, at most 7.22 % of images like the validation images are taken for unknown.',
    );
    // None at all can be promised of no count of images.
    expect(words(40, 1)[0]).toMatch(/^With 95 % confidence, at most 7\.22 %/);
  });

  it('says what was counted on the validation images only', () => {
    expect(words(102, 1)[1]).toBe(
      'That 90 % are answered was counted on the validation images only. With 95 % confidence, at most 6.17 % of the answers to images like them are wrong.',
    );
    const byError = words(102, 1, { by: 'error', value: 0.02 })[1]!;
    expect(byError).toMatch(
      /^That at most 2 % of the answers are wrong was counted on the validation images only\./,
    );
    // Chosen for its errors among many: more is possible.
    expect(Number(/at most ([\d.]+) % of the answers to/.exec(byError)![1])).toBeGreaterThan(10);
    expect(words(102, 1, { by: 'threshold', value: 0.6 })[1]).toMatch(/^With 95 %/);
  });
});
