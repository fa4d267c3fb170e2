import { describe, expect, it } from 'vitest';
import { requireImages, type ImportPlan } from './import.ts';

const plan: ImportPlan = {
  location: '/set',
  layout: 'class',
  layouts: [{ name: 'class', label: 'A folder per class' }],
  asks: { classLevel: true },
  statement: 'No image was found.',
  images: 0,
  classes: [],
  unlabelled: { pool: 0, train: 0, validation: 0, test: 0 },
  warnings: [{ code: 'TABLE_UNUSED', text: 'A table is not used. It is empty.' }],
  skipped: [{ reason: 'Not an image.', count: 2, examples: ['a.txt', 'b.txt'] }],
  options: {},
};

describe('a plan without images', () => {
  it('is refused with what was found, why a table is not used, and what was skipped', () => {
    expect(() => requireImages(plan)).toThrow(
      'Nothing can be imported from /set. No image was found. A table is not used. It is empty. 2 skipped (a.txt, …): Not an image.',
    );
  });
});
