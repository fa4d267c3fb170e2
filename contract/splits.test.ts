/** What is said of parts that leak, of runs that are not comparable, and of figures that say too much. */
import { expect, it } from 'vitest';
import {
  GroupBy,
  leakWarnings,
  type SplitState,
  timesInformed,
  trainedOnWords,
  validationWarnings,
  versionWords,
} from './splits.ts';

const stateOf = (key: GroupBy['key'], test: number, validation: number, later = 0) =>
  ({
    groups: {
      ...{ by: { lookAlikes: true, key }, at: '', seenBy: 'pictures', groups: 1, images: 2, pairs: 1 },
      ...{ later, unmatched: 0, largest: [] },
    },
    leaks: { validation: { images: 120, leaked: validation }, test: { images: 1200, leaked: test } },
  }) satisfies Pick<SplitState, 'groups' | 'leaks'>;

it('warns of each part that leaks, in words of what belongs together', () => {
  expect(leakWarnings({ groups: null, leaks: null })).toEqual([]);
  expect(leakWarnings(stateOf({ kind: 'none' }, 0, 0))).toEqual([]);
  expect(leakWarnings(stateOf({ kind: 'none' }, 1100, 3))).toEqual([
    '1,100 of 1,200 images of the test part look like training images, so that what is measured there says too much.',
    '3 of 120 images of the validation part look like training images, so that what is measured there says too much.',
  ]);
  expect(leakWarnings(stateOf({ kind: 'folder' }, 7, 3, 5), ['validation'])).toEqual([
    '3 of 120 images of the validation part belong to a group that also trains, so that what is measured there says too much.',
    '5 images came after look-alikes were looked for: nobody has looked for theirs yet.',
  ]);
});

it('says before anything is chosen by the validation part that nobody looked, or what leaks', () => {
  const counts = { train: 80, validation: 10, test: 10, fixed: 10 };
  expect(validationWarnings({ groups: null, leaks: null }, counts)).toEqual([
    'Nobody has looked for look-alikes between the parts yet: figures may say too much.',
  ]);
  expect(validationWarnings({ groups: null, leaks: null }, { ...counts, fixed: 100 })).toEqual([]);
  expect(validationWarnings(stateOf({ kind: 'none' }, 9, 3), counts)).toEqual([
    '3 of 120 images of the validation part look like training images, so that what is measured there says too much.',
  ]);
  expect(validationWarnings(stateOf({ kind: 'none' }, 9, 0), counts)).toEqual([]);
});

it('says where runs were not evaluated on one part, and where one had learned from it', () => {
  expect(versionWords({ sameVersion: true, count: 9 }, 'A', 'B', 'test')).toBeNull();
  expect(versionWords({ sameVersion: null, count: 9 }, 'A', 'B', 'test')).toBeNull();
  expect(versionWords({ sameVersion: false, count: 1900 }, 'A', 'B', 'test')).toMatch(
    /^A and B have not the same test part.*not comparable; only the 1,900 images of both/,
  );
  expect(trainedOnWords({ trainedOn: 0, count: 9 })).toBeNull();
  expect(trainedOnWords({ trainedOn: 4, count: 9 })).toMatch(/trained or validated on 4 of these 9 images/);
  expect(timesInformed({ runs: 3, comparisons: 2, repairs: 1 })).toBe(6);
});

it('keeps look-alikes together unless told otherwise', () => {
  expect(GroupBy.parse({})).toEqual({ lookAlikes: true, key: { kind: 'none' } });
});
