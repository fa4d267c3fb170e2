/**
 * An engine for a test file, a folder for each of its tests, and trainings that note what they tell. Images and
 * recipes are testing.ts, which programs that are no tests use too. Not part of the product.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { train, type TrainingData } from '#learning/training/loop/training-loop.ts';
import type { TrainingEvent, TrainingOptions } from '#learning/training/loop/training-options.ts';

/** Of the test file; open while its tests run. */
export let engine: Engine;
/** Of the test under way, empty when it begins. */
export let folder: string;

/** To be called once by a test file that uses the engine and the folder. */
export function setUpRuns(): void {
  beforeAll(async () => {
    engine = await openEngine();
  });
  afterAll(() => engine.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-runs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
}

/** Trains in the test's folder where no other is named. @returns the result with all that was told */
export async function trained(recipe: Recipe, data: TrainingData, options: Partial<TrainingOptions> = {}) {
  const events: TrainingEvent[] = [];
  const result = await train(engine, recipe, data, {
    folder,
    signal: new AbortController().signal,
    resume: false,
    ...options,
    onEvent(event) {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  return { ...result, events };
}
