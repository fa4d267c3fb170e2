import { describe, expect, it } from 'vitest';
import type { Epoch, Run } from '#contract/run.ts';
import { epochOf } from '#contract/testing.ts';
import { linesOfRun, linesOfRuns } from './lines.ts';

const epoch = (number: number, more: Partial<Epoch> = {}) =>
  epochOf(number, { trainLoss: 1 / number, validationLoss: 2 / number, ...more });
const run = (id: string, epochs: Epoch[]): Run => ({ id, name: id, epochs }) as Run;
const live = [
  { x: 2.5, loss: 0.4, accuracy: 0.7 },
  { x: 2.6, loss: 0.3, accuracy: 0.8 },
];

describe('the lines of a run', () => {
  it('put the epochs on the disk before the first live step', () => {
    const [steps] = linesOfRun(run('a', [epoch(1), epoch(2), epoch(3)]), 'loss', live);
    expect(steps!.points).toEqual([
      { x: 1, y: 1 },
      { x: 2, y: 0.5 },
      { x: 2.5, y: 0.4 },
      { x: 2.6, y: 0.3 },
    ]);
  });
  it('leave out values that an older run does not have, and keep the line', () => {
    const lines = linesOfRun(run('a', [epoch(1), epoch(2, { validationTopK: 0.9 })]), 'topK', live);
    expect(lines.map(({ id, points }) => [id, points])).toEqual([['validation', [{ x: 2, y: 0.9 }]]]);
  });
});

describe('the lines of several runs', () => {
  it('differ in colour, marker and tag, and pair training with validation', () => {
    const lines = linesOfRuns([run('a', [epoch(1)]), run('b', [epoch(1)])], 'accuracy');
    expect(lines.map(({ look, tag }) => `${tag} ${look}`)).toEqual([
      'A solid',
      'A dashed',
      'B solid',
      'B dashed',
    ]);
    expect(lines[0]!.colour).toBe(lines[1]!.colour);
    expect(lines[0]!.colour).not.toBe(lines[2]!.colour);
    expect(lines[0]!.marker).not.toBe(lines[2]!.marker);
    expect(lines[2]!.label).toBe('B b');
  });
  it('have one line each for what is not measured on both', () => {
    expect(linesOfRuns([run('a', [epoch(1)])], 'learningRate').map(({ points }) => points)).toEqual([
      [{ x: 1, y: 0.1 }],
    ]);
  });
});
