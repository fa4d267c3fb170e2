/** Which images Judge opens on. */
import { expect, it } from 'vitest';
import type { Run } from '#contract/run.ts';
import { projectOf } from '../../state/testing.ts';
import { JudgeView } from './judge-view.svelte.ts';

const opened = (counts: { test: number; validation: number }, testAccuracy: number | null = null) => {
  const view = new JudgeView({
    studio: { working: [], project: projectOf({ counts }) },
    runs: { current: { id: 'run-1', testAccuracy } as Run, choose: () => {} },
    evaluations: { get: () => null, want: async () => {}, start: async () => {} },
    browser: { show: async () => {} },
  });
  view.enter();
  return view.split;
};

it('opens on the test images, on those of validation where no image tests, and where a person went', () => {
  expect(opened({ test: 100, validation: 50 })).toBe('test');
  expect(opened({ test: 0, validation: 50 })).toBe('validation');
  expect(opened({ test: 0, validation: 0 })).toBe('test');
  // Of what was tested before the parts were drawn anew.
  expect(opened({ test: 0, validation: 50 }, 0.9)).toBe('test');
});
