/** The search for where a loss that is not finite came from: the very step, in few looks, in turns, and cancelled at once. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { atTheBeginning } from '#learning/training/checkpoint/checkpoint.ts';
import { stepNotFinite } from './find-not-finite.ts';
import { type Trainer, openTrainer } from './trainer.ts';
import { countTurns, sampleData, smallRecipe } from '#learning/training/testing.ts';
import { firstNotFinite, readVariables, writeVariables } from '#learning/training/checkpoint/variables.ts';

let engine: Engine;
let trainer: Trainer;
const taken: number[] = [];
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());
beforeEach(async () => {
  const opened = await openTrainer(
    smallRecipe({ training: { epochs: 40, weightAveraging: 0.9 } }),
    sampleData(256, 8),
  );
  taken.length = 0;
  trainer = {
    ...opened,
    trainStep(number, trainState) {
      taken.push(number);
      opened.trainStep(number, trainState);
    },
  };
});
afterEach(() => trainer.dispose());

const never = new AbortController().signal;
/** 222 steps were taken, the first of them after a checkpoint of step 2; the loss of the last is not finite. */
const failing = 222;
const trainState = { ...atTheBeginning(0), stepsDone: failing };
const restored = { restore: () => Promise.resolve(2) };

/** From this step on, what is named holds NaN, as it would for good. */
function breakAt(step: number, variable: tf.Variable): void {
  const { trainStep } = trainer;
  trainer.trainStep = (number, at) => {
    trainStep(number, at);
    if (number === step) tf.tidy(() => variable.assign(tf.fill(variable.shape, NaN)));
  };
}

test.each([3, 22, 23, 137, 221])('finds step %i of 222, with one stretch repeated at most', async (step) => {
  breakAt(step, trainer.variables.network.variables.at(-1)!.variable);
  const { details, message } = await stepNotFinite(trainer, restored, trainState, failing, never);
  expect(details).toMatchObject({ step, what: 'weights', layer: expect.stringContaining('classifier') });
  expect(message).toContain('are the first to be so, after that step');
  // Each stretch once, and halves of one: 10 + 5 + 3 + 2 + 1 steps.
  expect(taken.length).toBeLessThanOrEqual(Math.ceil((step - 2) / 20) * 20 + 21);
});

test('says whether it is the optimizer, or the average, that went first', async () => {
  const { average, optimizerState } = trainer.variables;
  const position = trainer.parts.network.trainable.length - 1;
  const whole = await readVariables(trainer.variables);
  breakAt(5, average!.variables[0]!.variable);
  const first = await stepNotFinite(trainer, restored, trainState, failing, never);
  expect(first.details).toMatchObject({ step: 5, layer: '1.conv', what: 'average' });
  expect(first.message).toContain('The average of the weights of 1.conv is the first to be so');

  writeVariables(trainer.variables, whole);
  // Held back from the weights: what matters is what is said of a memory that is found first.
  trainer.trainStep = (number) => {
    if (number === 7) {
      const { variable } = optimizerState.get('second-moment')![position]!;
      tf.tidy(() => variable.assign(tf.fill(variable.shape, Infinity)));
    }
  };
  const second = await stepNotFinite(trainer, restored, trainState, failing, never);
  expect(second.details).toMatchObject({ step: 7, what: 'memory' });
  expect(second.message).toMatch(
    /What the optimizer remembers of \S+ \(second-moment\) is the first to be so/,
  );
});

test('lets others have their turn with every step, and stops within one when cancelled', async () => {
  const stop = new AbortController();
  let turns = 0;
  const count = () => {
    turns += 1;
    if (turns === 30) stop.abort();
    else setImmediate(count);
  };
  setImmediate(count);
  const { code, details, message } = await stepNotFinite(trainer, restored, trainState, failing, stop.signal);
  expect(turns).toBe(30);
  expect(taken.length).toBeGreaterThan(10);
  expect(taken.length).toBeLessThanOrEqual(31);
  expect(code).toBe('LOSS_NOT_FINITE');
  expect(details).toMatchObject({ step: failing, layer: null, what: null });
  expect(message).toContain('The layer it came from was not found: the search was cancelled.');
});

test('without a checkpoint to go back to, names no layer and no other step', async () => {
  const none = { restore: () => Promise.resolve(null) };
  const { details, message } = await stepNotFinite(trainer, none, trainState, failing, never);
  expect(taken).toEqual([]);
  expect(details).toMatchObject({ step: failing, layer: null, what: null });
  expect(message).toContain('was not found: no checkpoint could be read.');
});

test('twenty million numbers are looked at in turns', async () => {
  const turns = countTurns();
  const numbers = new Float32Array(20_000_000);
  const values = { weights: new Map([['a', numbers]]), average: null, optimizerState: new Map() };
  expect(await firstNotFinite(values)).toBeNull();
  expect(turns.end()).toBeGreaterThan(15);
  numbers[numbers.length - 1] = -Infinity;
  expect(await firstNotFinite(values)).toEqual({ name: 'a', part: 'weights' });
});
