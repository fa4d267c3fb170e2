/** What entries of findings say in words: all of an entry, and of each image what is its own. */
import { expect, it } from 'vitest';
import {
  augmentationWords,
  factWords,
  imageWords,
  labelEvidenceCaution,
  labelEvidenceWords,
  measuredWords,
  outdatedWords,
} from './finding-words.ts';
import type { FindingEntry } from './findings.ts';

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
    'bee: 1,200 images, an even share is 9,000',
  ],
  [
    {
      ...{ measured: 'shortcut', itemIds: [7], fact: 'size', accuracy: 0.9, majority: 0.5, p: 0.005 },
      interval: { low: 0.85, high: 0.94 },
      each: [{ classId: 2, value: [96, 72.4], share: 0.976 }],
      usual: [
        { classId: 1, value: [64, 64] },
        { classId: 2, value: [96, 72] },
      ],
    },
    'Size alone tells 90 % of classes (95 % interval 85 % to 94 %); the commonest class has 50 %. Usual: ant 64 × 64 px; bee 96 × 72 px',
  ],
  [
    {
      ...{ measured: 'augmentation', itemIds: [5], from: 1, to: 2 },
      augmentation: { kind: 'vertical-flip', probability: 1 },
      each: [{ probability: 0.93, like: 8, similarity: 0.814 }],
      ...{ images: 40, turned: 12, turnedBack: 1, p: 0.001 },
    },
    'Vertical flip turns 12 of 40 ant into bee, 1 the other way',
  ],
];

it.each(entries)('%o', (entry, words) => expect(measuredWords(entry, className)).toBe(words));

it('of each image says what is its own', () => {
  const own = (at: number, itemId: number) => imageWords(entries[at]![0], itemId, className);
  expect(own(0, 1)).toBe('bee 80 %, ant 13 %');
  expect(own(1, 1)).toBe('the same content');
  expect(own(4, 7)).toBe('Size 96 × 72 px: 98 % of such images are bee');
  expect(own(5, 5)).toBe('Vertical flip: bee 93 %, like image 8 (embeddings 81 % alike)');
  expect(imageWords(entries[5]![0], 5, className, () => 'b.png')).toContain('like b.png');
  // Of a class nothing is measured image by image, and of an image of another entry nothing at all.
  expect([own(3, 1), own(5, 1)]).toEqual([null, null]);
});

it('says facts in their units, and classes up to six', () => {
  expect(factWords('brightness', [57.4])).toBe('57');
  expect(factWords('border colour', [200, 30.2, 40])).toBe('rgb 200 30 40');
  expect(factWords('file date', [20_784])).toBe('2026-11-27');
  expect([factWords('file type', '.png'), factWords('file type', ''), factWords('file date', null)]).toEqual([
    '.png',
    'no extension',
    'not known',
  ]);
  const shortcut = entries[4]![0] as Extract<FindingEntry, { measured: 'shortcut' }>;
  const usual = Array.from({ length: 7 }, () => shortcut.usual[0]!);
  expect(measuredWords({ ...shortcut, usual }, className)).toMatch(/(ant 64 × 64 px; ){6}…$/);
});

it('names an augmentation as it was tried', () => {
  expect(augmentationWords({ kind: 'rotation', probability: 1, degrees: 90 })).toBe('Rotation up to 90°');
  expect(augmentationWords({ kind: 'grayscale', probability: 1 })).toBe('Grayscale');
});

it('says what label errors were found by', () => {
  expect(labelEvidenceWords({ by: 'head', folds: 5, neighbours: null, embeddingRun: null })).toBe(
    'out-of-fold predictions of a head on embeddings (5 folds)',
  );
  expect(labelEvidenceWords({ by: 'run', runId: 'run-1', name: 'Quick 1' })).toBe(
    'predictions of Quick 1 on images it did not learn from',
  );
});

it('says what speaks against embeddings of a run, whose network learned from the labels', () => {
  const head = { by: 'head', folds: 5, neighbours: 15 } as const;
  expect(labelEvidenceCaution({ ...head, embeddingRun: null })).toBeNull();
  expect(labelEvidenceCaution({ by: 'run', runId: 'run-1', name: 'Quick 1' })).toBeNull();
  expect(labelEvidenceCaution({ ...head, embeddingRun: 'Quick 1' })).toMatch(
    /^The embeddings are by Quick 1, which learned from these labels.*An audit plants its flips afterwards/,
  );
});

it('says why findings are to be looked for again', () => {
  const present = { changedSince: false, otherEmbeddings: false, newImages: 0 };
  expect(outdatedWords(present)).toEqual([]);
  expect(outdatedWords({ ...present, otherEmbeddings: true })).toEqual([
    'The embeddings are by another network since.',
  ]);
  expect(outdatedWords({ ...present, changedSince: true, newImages: 1 })).toEqual([
    'The project changed since these were found.',
    '1 image was imported since.',
  ]);
});
