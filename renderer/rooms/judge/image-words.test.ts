/** What stands below an image in Judge: label, prediction, probabilities and loss, by a run and by a finding. */
import { expect, it } from 'vitest';
import type { FindingEntry } from '#contract/findings.ts';
import { itemOf } from '../../state/testing.ts';
import { captionOf, factsByFinding, factsByRun, spokenOf } from './image-words.ts';

const names = ['', 'Shirt', 'Coat', 'Bag'];
const className = (id: number | null) => (id === null ? 'Unlabelled' : names[id]!);
const predicted = (probabilities: number[]) => ({
  probabilities,
  predicted: probabilities.indexOf(Math.max(...probabilities)),
  classIds: [1, 2],
});
const plain = (text: string) => text.replaceAll('\u202f', ' ');

it.each([
  ['a wrong one', 1, [0.03, 0.97], 'Shirt → Coat\n3 % → 97 % · 3.51'],
  ['a right one', 2, [0.03, 0.97], 'Coat, as predicted\n97 % · 0.03'],
  ['one of a class that the run does not know', 3, [0.03, 0.97], 'Bag → Coat\n– → 97 %'],
  ['an unlabelled one', null, [0.6, 0.4], 'Unlabelled → Shirt\n– → 60 %'],
  ['one that was thought impossible', 1, [0, 1], 'Shirt → Coat\n0 % → 100 % · 69.08'],
])('says of %s what the run says', (_, classId, probabilities, expected) => {
  const item = itemOf(1, { classId });
  const facts = factsByRun(item, predicted(probabilities));
  expect(plain(captionOf(facts, item, className))).toBe(expected);
});

it('says what the label is now where it was listed for another', () => {
  const item = itemOf(1, { classId: 2 });
  const facts = factsByRun(item, predicted([0.2, 0.8]), new Set([1]));
  expect(plain(captionOf(facts, item, className))).toBe('now Coat\n80 % · 0.22');
  expect(factsByRun(item, predicted([0.2, 0.8]), new Set([2])).relabelled).toBe(false);
});

it('says of a suspect what the finding says, before and after it was relabelled', () => {
  const entry: Extract<FindingEntry, { measured: 'label' }> = {
    ...{ measured: 'label', itemIds: [1], given: 1, suggested: 2 },
    ...{ givenProbability: 0.02, suggestedProbability: 0.9 },
  };
  const said = (classId: number | null) => {
    const item = itemOf(1, { classId });
    return plain(captionOf(factsByFinding(item, entry), item, className));
  };
  expect(said(1)).toBe('Shirt → Coat\n2 % → 90 % · 3.91');
  expect(said(2)).toBe('now Coat\n90 % · 0.11');
  expect(said(3)).toBe('now Bag\n– → 90 %');
});

it('says nothing of what nobody predicted, and is read out in the words that are seen', () => {
  const item = itemOf(1, { classId: 1 });
  expect(captionOf(null, item, className)).toBe('Shirt\nno prediction');
  expect(spokenOf(null, item, className)).toBe('Shirt, no prediction');
  expect(plain(spokenOf(factsByRun(item, predicted([0.03, 0.97])), item, className))).toBe(
    'Shirt → Coat, 3 % → 97 %, 3.51 loss',
  );
});
