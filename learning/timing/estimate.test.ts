/**
 * Stated times against trainings that were really carried out (measured-runs.ts), in the order in which they were: each is
 * estimated from what those before it taught, and nothing else.
 */
import { describe, expect, it } from 'vitest';
import { presetsFor } from '#recipe/presets.ts';
import { fashionMnist } from '#recipe/project-facts.ts';
import { trainingCosts } from './costs.ts';
import { estimateTraining, pacesOf, type ToDo } from './estimate.ts';
import { type MeasuredRun, measuredRuns } from './measured-runs.ts';
import type { Pace, PaceEngine } from './paces.ts';

const packs = ({ took }: MeasuredRun): boolean => took.images !== undefined;
const computesFeatures = ({ took }: MeasuredRun): boolean => took.features !== undefined;

function toDoOf(run: MeasuredRun): ToDo {
  const { train, validation, test } = run.counts;
  const { views } = trainingCosts(run.recipe, run.classes, run.counts, 0);
  return {
    ...{ train, validation, test, evaluates: true },
    pack: packs(run) ? train + validation + test : 0,
    features: computesFeatures(run) ? train * views + validation : 0,
    testFeatures: computesFeatures(run) ? test : 0,
    sourcePixels: run.sourcePixels,
  };
}

const engine: PaceEngine = { kind: 'tensorflow', device: 'AMD EPYC', threads: 2, precision: 'float32' };
function learnedOf(run: MeasuredRun): Pace[] {
  const costs = trainingCosts(run.recipe, run.classes, run.counts, run.sourcePixels);
  const ofPart = {
    start: costs.start(computesFeatures(run)),
    images: costs.image,
    features: costs.feature,
    step: costs.step,
    answer: costs.answers(run.counts.validation),
  };
  return Object.entries(run.took).map(([part, took]) => {
    const { key, seconds: reference } = ofPart[part as Pace['part']]!;
    return { part: part as Pace['part'], key, engine, reference, ratio: took / reference };
  });
}
const stated = (run: MeasuredRun, paces: readonly Pace[]) =>
  estimateTraining(run.recipe, run.classes, toDoOf(run), paces, engine);

describe('stated times of trainings that were measured', () => {
  const told = measuredRuns.map((run, index) => ({
    run,
    estimate: stated(run, measuredRuns.slice(0, index).flatMap(learnedOf)),
  }));

  it('are a range before the first', () => expect(told[0]!.estimate.seconds).toBeNull());

  it.each(told.slice(1))('hold within a factor of 1.5: $run.name', ({ run, estimate }) => {
    expect(estimate.seconds! / run.seconds).toBeGreaterThan(1 / 1.5);
    expect(estimate.seconds! / run.seconds).toBeLessThan(1.5);
  });

  it('are a range that holds what the first took, and quick on Fashion-MNIST', () => {
    const [first] = told;
    expect(first!.run.seconds).toBeGreaterThan(first!.estimate.low);
    expect(first!.run.seconds).toBeLessThan(first!.estimate.high);
    const { recipe } = presetsFor(fashionMnist).find(({ preset }) => preset === 'quick')!;
    const todo = { train: 48_000, validation: 12_000, test: 10_000, pack: 0, features: 0, testFeatures: 0 };
    const range = { ...todo, sourcePixels: 0, evaluates: true };
    const { low, high } = estimateTraining(recipe, 10, range, [], engine);
    // docs/results.md: 5 min 28 s.
    expect(328).toBeGreaterThan(low);
    expect(328).toBeLessThan(high);
  });
});

describe('what an estimate counts', () => {
  const quick = presetsFor(fashionMnist).find(({ preset }) => preset === 'quick')!.recipe;
  const todo = (train: number): ToDo => ({
    ...{ train, validation: Math.round(train / 4), test: 100, pack: 0, features: 0, testFeatures: 0 },
    ...{ sourcePixels: 0, evaluates: true },
  });
  const measuredAs = (train: number, start: number, step: number) =>
    pacesOf(quick, 10, engine, {
      paces: {
        packed: { count: 0, seconds: 0 },
        features: { count: 0, seconds: 0, all: 0 },
        steps: { count: 12, seconds: 12 * step, all: 14 },
        validations: { count: 13, seconds: 0.2, all: 14 },
      },
      seconds: start + 14 * step,
      counts: todo(train),
      sourcePixels: 0,
    });

  it('start-up is no pace of steps: a run of 208 images says nothing wrong of the next 3,400', () => {
    const known = measuredAs(208, 2, 0.08);
    const slow = measuredAs(208, 20, 0.08);
    const [one, other] = [known, slow].map((paces) => estimateTraining(quick, 10, todo(3400), paces, engine));
    expect(other!.seconds! - one!.seconds!).toBeGreaterThan(15);
    expect(other!.seconds! - one!.seconds!).toBeLessThan(21);
    expect(other!.parts.epochs).toBeCloseTo(one!.parts.epochs);
  });

  it('what is kept costs nothing, and epochs behind it almost nothing', () => {
    const run = measuredRuns[0]!;
    const { recipe } = run;
    const missing = estimateTraining(recipe, 6, { ...toDoOf(run), features: 1000 }, [], engine);
    const kept = estimateTraining(
      recipe,
      6,
      { ...toDoOf(run), pack: 0, features: 0, testFeatures: 0 },
      [],
      engine,
    );
    expect(kept.parts.features).toBe(0);
    expect(missing.parts.features).toBeGreaterThan(5);
    expect(kept.parts.epochs).toBeLessThan(missing.parts.features / 2);
  });

  it('cores share the work, a larger input and a larger batch cost what they cost', () => {
    const paces = measuredAs(208, 2, 0.08);
    const at = (side: number, threads = 2) => {
      const recipe = { ...quick, preprocessing: { ...quick.preprocessing, height: side, width: side } };
      return estimateTraining(recipe, 10, todo(10_000), paces, { ...engine, threads }).parts.epochs;
    };
    expect(at(56) / at(28)).toBeGreaterThan(3);
    expect(at(56) / at(28)).toBeLessThan(5);
    expect(at(28, 1) / at(28)).toBeCloseTo(1.8, 1);
  });
});
