import { describe, expect, it } from 'vitest';
import { partWarnings } from './part-warnings.ts';

const divided = (name: string, train: number, validation: number, test: number) => ({
  name,
  counts: { train, validation, test, total: train + validation + test },
});
const told = (...classes: ReturnType<typeof divided>[]) =>
  partWarnings(classes).map(({ code, text }) => `${code}: ${text}`);

describe('partWarnings', () => {
  it('says nothing where every class has images in every part', () => {
    expect(told(divided('a', 7, 2, 1), divided('b', 1, 1, 1), divided('unused', 0, 0, 0))).toEqual([]);
    expect(told()).toEqual([]);
  });

  it('names each lack and what to do', () => {
    expect(told(divided('a', 0, 0, 5))).toEqual([
      'NO_TRAINING_IMAGES: No image is for training, so nothing can be trained. Import training images, or redraw the parts, those from the source too.',
    ]);
    expect(told(divided('a', 1, 0, 0), divided('b', 1, 0, 0))[0]).toBe(
      'NO_VALIDATION_IMAGES: No class has validation images, because each has a single training image, so nothing can be trained. Import at least two different images of each class.',
    );
    expect(told(divided('a', 2, 0, 1), divided('b', 2, 0, 1))).toEqual([
      'NO_VALIDATION_IMAGES: No class has validation images, so nothing can be trained. Redraw the parts with a share for validation; where copies of one image or one group make up each class, import more.',
    ]);
    expect(told(divided('a', 1, 1, 0), divided('b', 1, 1, 0))).toEqual([
      'NO_TEST_IMAGES: There is no test part, so runs are judged by validation images alone. A class needs three images to have one for each part; import more, or redraw the parts with a share for test.',
    ]);
    expect(told(divided('a', 8, 1, 1), divided('b', 0, 2, 1), divided('c', 1, 0, 0))).toEqual([
      'CLASSES_WITHOUT_TRAINING: 1 of 3 classes ("b") have no training images, so a network has no output for them, and their 3 validation and test images are left out of evaluations. Import training images of them, or redraw the parts.',
      'CLASSES_WITHOUT_VALIDATION: 1 of 3 classes ("c") have no validation images (a single image, copies of one, or one group all train), so a training cannot measure them. Import more of them.',
      'CLASSES_WITHOUT_TEST: 1 of 3 classes ("c") have no test images, so the test part says nothing about them. A class needs three images to have one for each part.',
    ]);
  });

  it('names a few of many', () => {
    const many = Array.from({ length: 300 }, (_, index) => divided(`c${index}`, 1, 1, index === 0 ? 1 : 0));
    expect(told(...many)[0]).toContain('299 of 300 classes ("c1", "c2", "c3", "c4", "c5", …) have no test');
  });
});
