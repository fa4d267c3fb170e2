/** What entries of findings say in words, and that every kind has its own. */
import { expect, it } from 'vitest';
import {
  type FindingEntry,
  findingKinds,
  findingWords,
  labelEvidenceWords,
  measuredWords,
} from './findings.ts';

const className = (id: number) => ['ant', 'bee'][id - 1]!;
const entries: [FindingEntry, string][] = [
  [
    {
      ...{ measured: 'label', itemIds: [1], given: 1, suggested: 2 },
      ...{ givenProbability: 0.125, suggestedProbability: 0.8 },
    },
    'bee 80 %, ant 13 %',
  ],
  [
    {
      measured: 'cluster',
      itemIds: [1, 2],
      evidence: [
        { itemId: 2, by: 'exact', similarity: 1, mirrored: false },
        { itemId: 1, by: 'hash', similarity: 0.953, mirrored: true },
      ],
    },
    'pictures 95 % alike, mirrored',
  ],
  [{ measured: 'image', itemIds: [1], value: 1234.4, usual: 0.0456, score: null }, '1,234, usual 0.046'],
  [
    { measured: 'class', itemIds: [], classId: 2, images: 1200, even: 9000 },
    '1,200 images, an even share is 9,000',
  ],
  [
    {
      ...{ measured: 'shortcut', itemIds: [], fact: 'size', accuracy: 0.9, majority: 0.5, p: 0.005 },
      interval: { low: 0.85, high: 0.94 },
    },
    'size alone tells 90 % of classes (95 % interval 85 % to 94 %, Wilson); the commonest class has 50 %',
  ],
  [
    {
      ...{ measured: 'augmentation', itemIds: [], augmentation: 'Vertical flip', from: 1, to: 2 },
      ...{ images: 40, turned: 12, turnedBack: 1, p: 0.001 },
    },
    'Vertical flip turns 12 of 40 ant into bee, 1 the other way',
  ],
];

it.each(entries)('%o', (entry, words) => expect(measuredWords(entry, className)).toBe(words));

it('of a cluster each image has its own', () => {
  const [, [cluster]] = entries as [unknown, [FindingEntry, string]];
  expect(measuredWords(cluster, className, 1)).toBe('the same content');
});

it('every kind has a title and a sentence', () => {
  const titles = findingKinds.map((kind) => findingWords[kind].title);
  expect(new Set(titles).size).toBe(findingKinds.length);
  for (const kind of findingKinds) expect(findingWords[kind].about).toMatch(/^[A-Z].*\.$/);
});

it('says what label errors were found by', () => {
  expect(labelEvidenceWords({ by: 'head', folds: 5, neighbours: null })).toBe(
    'out-of-fold predictions of a head on embeddings (5 folds)',
  );
  expect(labelEvidenceWords({ by: 'run', runId: 'run-1', name: 'Quick 1' })).toBe(
    'predictions of Quick 1 on images it did not learn from',
  );
});
