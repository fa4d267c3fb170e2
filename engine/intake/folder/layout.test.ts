/** What folders are taken for, as a table: each row is a data set that somebody has, and its outcome. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportOptions, meanings } from '#contract/import.ts';
import { faultOfName, longestClassName } from '#contract/names.ts';
import { inferLayout } from './layout.ts';
import type { FileNames } from './layout-outcome.ts';
import { countClasses } from '../class-counts.ts';

/** "train/cats 4" is four images in that folder; a last word that is no number names a file. */
function filesOf(lines: readonly string[], chosen = 'set'): FileNames {
  const files = lines.flatMap((line) => {
    const [, folder = '', count] = /^(.*?) ?(\d+)?$/s.exec(line)!;
    if (count === undefined) return [line];
    const within = folder === '.' ? '' : `${folder}/`;
    return Array.from({ length: Number(count) }, (_, at) => `${within}${at}.png`);
  });
  const isImage = (name: string) => /\.(png|jpe?g)$/.test(name);
  return {
    images: files.filter(isImage),
    others: files.filter((name) => !isImage(name)),
    chosen: ['', 'home', 'me', ...chosen.split('/')],
  };
}

/** "layout: class training/validation/test …"; training that is fixed by the source is marked with "!". */
function outcome(lines: readonly string[], options: ImportOptions = {}, chosen?: string) {
  const inferred = inferLayout(filesOf(lines, chosen), options);
  const { classes: found, unlabelled } = countClasses(inferred.images);
  const rows = [...found, { name: '(unlabelled)', counts: unlabelled }].filter(({ counts }) =>
    Object.values(counts).some((count) => count > 0),
  );
  const classes = rows.map(
    ({ name, counts: { pool, train, validation, test } }) =>
      `${name} ${train > 0 ? `${train}!` : pool}/${validation}/${test}`,
  );
  return {
    ...inferred,
    text: classes.length > 0 ? `${inferred.layout}: ${classes.join(', ')}` : 'none',
    codes: inferred.warnings.map(({ code }) => code),
  };
}

const inEach = (folders: string, classes: string, count = 4) =>
  folders.split(' ').flatMap((folder) => classes.split(' ').map((name) => `${folder}/${name} ${count}`));
const both = '4/0/0';

interface Case {
  of: string;
  files: string[];
  is: string;
  warns?: string[];
  skips?: number;
  options?: ImportOptions;
  chosen?: string;
}

const cases: Case[] = [
  // names that only count, below names of their own
  {
    of: 'sizes below the classes',
    files: inEach('cats dogs', '224x224 512x512'),
    is: 'class: cats 8/0/0, dogs 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: "a camera's folders below the classes",
    files: ['cats/100CANON 4', 'cats/101CANON 4', 'dogs/100CANON 4', 'dogs/102CANON 4'],
    is: 'class: cats 8/0/0, dogs 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'samples with letters below the classes',
    files: inEach('cork linen', 'sample_a sample_b'),
    is: 'class: cork 8/0/0, linen 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  // masks
  {
    of: 'ground truth beside the images',
    files: inEach('images ground_truth', 'a b'),
    is: 'class: a 4/0/0, b 4/0/0',
    warns: ['LABELS_SKIPPED'],
    skips: 8,
  },
  {
    of: 'masks among the images of a class',
    files: ['a/x.png', 'a/x_mask.png', 'a/x_mask_1.png', 'b/face_mask.png', 'b/2.png', 'b/3.png'],
    is: 'class: a 3/0/0, b 3/0/0',
    warns: ['MASKS_AMONG_IMAGES'],
  },
  // flat parts of other names
  {
    of: 'doubled parts without classes',
    files: ['cars_train/cars_train 4', 'cars_test/cars_test 4'],
    is: 'unlabelled: (unlabelled) 4/0/4',
  },
  {
    of: 'parts with another word beside a third folder',
    files: ['box_train 4', 'box_test 4', 'query 4'],
    is: 'class: box_test 4/0/0, box_train 4/0/0, query 4/0/0',
    warns: ['CLASS_NAMED_LIKE_PART'],
  },
  // parts above classes
  {
    of: 'train, val, test',
    files: inEach('train val test', 'cats dogs'),
    is: 'part-class: cats 4/4/4, dogs 4/4/4',
  },
  {
    of: 'train, valid, test',
    files: inEach('train valid test', 'cats dogs'),
    is: 'part-class: cats 4/4/4, dogs 4/4/4',
  },
  {
    of: 'training, validation, testing',
    files: inEach('training validation testing', 'a b'),
    is: 'part-class: a 4/4/4, b 4/4/4',
  },
  { of: 'Train, Test', files: inEach('Train Test', 'a b'), is: 'part-class: a 4/0/4, b 4/0/4' },
  { of: 'TRAIN, VAL', files: inEach('TRAIN VAL', 'a b'), is: 'part-class: a 4/4/0, b 4/4/0' },
  { of: 'train, dev, test', files: inEach('train dev test', 'a b'), is: 'part-class: a 4/4/4, b 4/4/4' },
  { of: 'train, eval', files: inEach('train eval', 'a b'), is: 'part-class: a 4/4/0, b 4/4/0' },
  { of: 'train, holdout', files: inEach('train holdout', 'a b'), is: 'part-class: a 4/0/4, b 4/0/4' },
  { of: 'training, hold-out', files: inEach('training hold-out', 'a b'), is: 'part-class: a 4/0/4, b 4/0/4' },
  {
    of: 'train_set, test_set',
    files: inEach('train_set test_set', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'TrainData, TestData',
    files: inEach('TrainData TestData', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'trainset, valset, testset',
    files: inEach('trainset valset testset', 'a b'),
    is: 'part-class: a 4/4/4, b 4/4/4',
  },
  {
    of: 'dataset-train, dataset-test',
    files: inEach('dataset-train dataset-test', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  { of: 'train2017, val2017', files: inEach('train2017 val2017', 'a b'), is: 'part-class: a 4/4/0, b 4/4/0' },
  {
    of: 'names with a common other word',
    files: inEach('asl_alphabet_train asl_alphabet_test', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'doubled folders',
    files: inEach('training_set/training_set test_set/test_set', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'doubled with a prefix',
    files: inEach('seg_train/seg_train seg_test/seg_test', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'images between part and class',
    files: inEach('train/images test/images', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'images in one part only',
    files: [...inEach('train', 'a b'), ...inEach('test/images', 'a b')],
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'images below the class',
    files: ['train/a/images 4', 'train/b/images 4', 'test/a/images 4', 'test/b/images 4'],
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'classes that are digits',
    files: inEach('train test', '0 1 2 10'),
    is: 'part-class: 0 4/0/4, 1 4/0/4, 2 4/0/4, 10 4/0/4',
  },
  {
    of: 'wrapped twice',
    files: inEach('dataset/images/train dataset/images/test', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'a wrapper named like a part',
    files: inEach('test_data/train test_data/test', 'a b'),
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'a part within a part',
    files: [...inEach('train/train train/val', 'a b'), ...inEach('test', 'a b')],
    is: 'part-class: a 4/4/4, b 4/4/4',
  },
  { of: 'train only', files: inEach('train', 'a b'), is: `part-class: a ${both}, b ${both}` },
  {
    of: 'test only',
    files: inEach('test', 'a b'),
    is: 'part-class: a 0/0/4, b 0/0/4',
    warns: ['NO_TRAINING_IMAGES'],
  },
  {
    of: 'val and test only',
    files: inEach('val test', 'a b'),
    is: 'part-class: a 0/4/4, b 0/4/4',
    warns: ['NO_TRAINING_IMAGES'],
  },
  {
    of: 'two sets of parts',
    files: inEach('photo/train photo/test sketch/train sketch/test', 'a b'),
    is: 'part-class: a 8/0/8, b 8/0/8',
  },
  {
    of: 'train beside Train',
    files: [...inEach('train Train Test', 'a'), 'train/b 4'],
    is: 'part-class: a 8/0/4, b 4/0/0',
    warns: ['SAME_PART_TWICE', 'CLASS_WITHOUT_TEST'],
  },
  {
    of: 'one class in parts',
    files: inEach('train test', 'cats'),
    is: 'part-class: cats 4/0/4',
    warns: ['ONE_CLASS'],
  },
  {
    of: 'a class in test only',
    files: [...inEach('train test', 'a b'), 'test/c 4'],
    is: 'part-class: a 4/0/4, b 4/0/4, c 0/0/4',
    warns: ['CLASS_WITHOUT_TRAINING'],
  },
  {
    of: 'a class in train only',
    files: [...inEach('train', 'a b'), 'test/a 4'],
    is: 'part-class: a 4/0/4, b 4/0/0',
    warns: ['CLASS_WITHOUT_TEST'],
  },
  {
    of: 'a class called train in the parts',
    files: inEach('train test', 'bus train'),
    is: 'part-class: bus 4/0/4, train 4/0/4',
    warns: ['CLASS_NAMED_LIKE_PART'],
  },
  {
    of: 'nested classes in parts',
    files: inEach('train test', 'animals/cats animals/dogs vehicles/cars vehicles/bikes'),
    is: 'part-class: bikes 4/0/4, cars 4/0/4, cats 4/0/4, dogs 4/0/4',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'unlabelled test images',
    files: [...inEach('train', 'a b'), 'test 4'],
    is: `part-class: a ${both}, b ${both}`,
    warns: ['LOOSE_IMAGES'],
    skips: 4,
  },
  {
    of: 'unlabelled test images in images/',
    files: [...inEach('train', 'a/images b/images c/images'), 'val/images 40', 'test/images 40'],
    is: `part-class: a ${both}, b ${both}, c ${both}`,
    warns: ['LOOSE_IMAGES'],
    skips: 80,
  },
  {
    of: 'classes named like holders',
    files: [...inEach('train', 'photo sketch'), 'test/photo 4'],
    is: 'part-class: photo 4/0/4, sketch 4/0/0',
    warns: ['CLASS_WITHOUT_TEST'],
  },
  {
    of: 'much that is unlabelled beside the parts',
    files: [...inEach('train test', 'a b'), 'unlabeled 100'],
    is: 'part-class: a 4/0/4, b 4/0/4',
    warns: ['BESIDE_SKIPPED'],
    skips: 100,
  },
  {
    of: 'a part under an unknown name',
    files: inEach('train extra', 'a b'),
    is: `part-class: a ${both}, b ${both}`,
    warns: ['BESIDE_SKIPPED'],
    skips: 8,
  },
  {
    of: 'a stray picture beside the parts',
    files: [...inEach('train test', 'a b'), 'sample.png'],
    is: 'part-class: a 4/0/4, b 4/0/4',
    warns: ['BESIDE_SKIPPED'],
    skips: 1,
  },
  {
    of: 'a stray picture beside wrapped parts',
    files: [...inEach('pets/train pets/test', 'a b'), 'pets/sample.png'],
    is: 'part-class: a 4/0/4, b 4/0/4',
    warns: ['BESIDE_SKIPPED'],
    skips: 1,
  },
  {
    of: 'a stray folder beside wrapped parts',
    files: [...inEach('pets/train pets/test', 'a b'), 'docs/figure.png'],
    is: 'part-class: a 4/0/4, b 4/0/4',
    warns: ['BESIDE_SKIPPED'],
    skips: 1,
  },
  {
    of: 'a stray folder beside train only',
    files: [...inEach('train', 'a b'), 'docs/figure.png'],
    is: `part-class: a ${both}, b ${both}`,
    warns: ['BESIDE_SKIPPED'],
    skips: 1,
  },
  {
    of: 'a stray picture in a part',
    files: [...inEach('train test', 'a b'), 'train/x.png'],
    is: 'part-class: a 4/0/4, b 4/0/4',
    warns: ['LOOSE_IMAGES'],
    skips: 1,
  },
  // parts below classes
  {
    of: 'class/train and class/test',
    files: inEach('cats dogs', 'train test'),
    is: 'class-part: cats 4/0/4, dogs 4/0/4',
  },
  {
    of: 'the same, wrapped',
    files: inEach('set/cats set/dogs', 'train val test'),
    is: 'class-part: cats 4/4/4, dogs 4/4/4',
  },
  {
    of: 'class/train/images',
    files: inEach('cats dogs', 'train/images test/images'),
    is: 'class-part: cats 4/0/4, dogs 4/0/4',
  },
  {
    of: 'class/train only',
    files: inEach('cats dogs', 'train'),
    is: `class-part: cats ${both}, dogs ${both}`,
  },
  {
    of: 'a class of which one part is missing',
    files: [...inEach('cats dogs', 'train test'), 'birds/train 4'],
    is: 'class-part: birds 4/0/0, cats 4/0/4, dogs 4/0/4',
    warns: ['CLASS_WITHOUT_TEST'],
  },
  {
    of: 'class/train/session',
    files: inEach('cats/train cats/test dogs/train dogs/test', 'session1 session2'),
    is: 'class-part: cats 8/0/8, dogs 8/0/8',
  },
  {
    of: 'digits below two sets of parts',
    files: inEach('mnist/train mnist/test usps/train usps/test', '0 1'),
    is: 'part-class: 0 8/0/8, 1 8/0/8',
  },
  // classes alone
  {
    of: 'a folder per class',
    files: inEach('.', 'cats dogs').map((line) => line.slice(2)),
    is: `class: cats ${both}, dogs ${both}`,
  },
  {
    of: 'a class called train',
    files: ['bus 4', 'car 4', 'train 4'],
    is: `class: bus ${both}, car ${both}, train ${both}`,
    warns: ['CLASS_NAMED_LIKE_PART'],
  },
  {
    of: 'a class called train with folders in it',
    files: ['bus 9', 'car 9', 'train/steam 4', 'train/diesel 4'],
    is: 'class: bus 9/0/0, car 9/0/0, train 8/0/0',
    warns: ['UNEVEN_DEPTH', 'CLASS_NAMED_LIKE_PART'],
  },
  {
    of: 'classes that begin with test',
    files: ['test_tube 4', 'test_strip 4'],
    is: `class: test_strip ${both}, test_tube ${both}`,
  },
  { of: 'wrapped once', files: inEach('mydata', 'a b'), is: `class: a ${both}, b ${both}` },
  { of: 'wrapped twice', files: inEach('a/b', 'cats dogs'), is: `class: cats ${both}, dogs ${both}` },
  {
    of: 'wrapped five times',
    files: inEach('a/b/c/d/e', 'cats dogs'),
    is: `class: cats ${both}, dogs ${both}`,
  },
  {
    of: 'a wrapper and a stray picture in it',
    files: [...inEach('pets', 'cats dogs'), 'pets/sample.png'],
    is: `class: cats ${both}, dogs ${both}`,
    warns: ['LOOSE_IMAGES'],
    skips: 1,
  },
  {
    of: 'a wrapper and a stray picture beside it',
    files: [...inEach('pets', 'cats dogs'), 'sample.png'],
    is: `class: cats ${both}, dogs ${both}`,
    warns: ['LOOSE_IMAGES'],
    skips: 1,
  },
  {
    of: 'a wrapper and a stray folder beside it',
    files: [...inEach('pets', 'cats dogs'), 'docs/figure.png'],
    is: `class: cats ${both}, dogs ${both}`,
    warns: ['LOOSE_IMAGES'],
    skips: 1,
  },
  {
    of: 'loose images',
    files: ['cats 4', 'dogs 4', '. 3'],
    is: `class: cats ${both}, dogs ${both}`,
    warns: ['LOOSE_IMAGES'],
    skips: 3,
  },
  {
    of: 'loose images in a wrapper',
    files: [...inEach('set', 'cats dogs'), 'set 3'],
    is: `class: cats ${both}, dogs ${both}`,
    warns: ['LOOSE_IMAGES'],
    skips: 3,
  },
  {
    of: 'nested classes',
    files: inEach('animals', 'cats dogs').concat(inEach('vehicles', 'cars bikes')),
    is: `class: bikes ${both}, cars ${both}, cats ${both}, dogs ${both}`,
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'nested classes, the level above said',
    files: inEach('animals', 'cats dogs').concat(inEach('vehicles', 'cars bikes')),
    options: { classLevel: 1 },
    is: 'class: animals 8/0/0, vehicles 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'domains of the same classes',
    files: inEach('amazon webcam', 'mug pen'),
    is: 'class: mug 8/0/0, pen 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'folds of the same classes',
    files: inEach('fold1 fold2', '0 1'),
    is: 'class: 0 8/0/0, 1 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'sessions below the classes',
    files: inEach('cats dogs', 'session1 session2'),
    is: 'class: cats 8/0/0, dogs 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'one folder per animal below the classes',
    files: ['cats/cat001 4', 'cats/cat002 4', 'dogs/dog001 4'],
    is: 'class: cats 8/0/0, dogs 4/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'uneven depth',
    files: ['cats 4', 'dogs 4', 'animals/deep/er/birds 4'],
    is: `class: animals ${both}, cats ${both}, dogs ${both}`,
    warns: ['UNEVEN_DEPTH'],
  },
  {
    of: 'masks beside images',
    files: inEach('covid normal', 'images masks'),
    is: `class: covid ${both}, normal ${both}`,
    warns: ['LABELS_SKIPPED'],
    skips: 8,
  },
  { of: 'one class', files: ['cats 4'], is: `class: cats ${both}`, warns: ['ONE_CLASS'] },
  { of: 'one class, wrapped', files: ['pets/cats 4'], is: `class: cats ${both}`, warns: ['ONE_CLASS'] },
  {
    of: 'one image per class',
    files: ['a 1', 'b 1', 'c 1'],
    is: 'class: a 1/0/0, b 1/0/0, c 1/0/0',
    warns: ['FEW_IMAGES'],
  },
  {
    of: 'names that look alike',
    files: ['cafe\u0301 4', 'caf\u00e9 4', 'Case 4', 'case 4'],
    is: `class: cafe\u0301 ${both}, caf\u00e9 ${both}, case ${both}, Case ${both}`,
    warns: ['LOOK_ALIKE_CLASSES'],
  },
  {
    of: 'names of JavaScript',
    files: ['__proto__ 4', 'constructor 4'],
    is: `class: __proto__ ${both}, constructor ${both}`,
  },
  {
    of: 'a name with a line break',
    files: ['new\nline 4', 'a 4', 'b 4'],
    is: `class: a ${both}, b ${both}`,
    warns: ['CLASS_NAME_REFUSED'],
    skips: 4,
  },
  // the chosen folder's own name
  {
    of: 'the folder test alone',
    files: ['cats 4', 'dogs 4'],
    chosen: 'tvt/test',
    is: 'class: cats 0/0/4, dogs 0/0/4',
    warns: ['NO_TRAINING_IMAGES'],
  },
  {
    of: 'the folder val/images alone',
    files: ['cats 4', 'dogs 4'],
    chosen: 'tvt/val/images',
    is: 'class: cats 0/4/0, dogs 0/4/0',
    warns: ['NO_TRAINING_IMAGES'],
  },
  {
    of: 'the folder test, said to be training data',
    files: ['cats 4', 'dogs 4'],
    chosen: 'tvt/test',
    options: { part: 'pool' },
    is: `class: cats ${both}, dogs ${both}`,
  },
  {
    of: 'a folder called test that holds parts',
    files: inEach('train test', 'a b'),
    chosen: 'test',
    is: 'part-class: a 4/0/4, b 4/0/4',
  },
  {
    of: 'a folder called train',
    files: ['cats 4', 'dogs 4'],
    chosen: 'tvt/train',
    is: `class: cats ${both}, dogs ${both}`,
  },
  // what was said
  {
    of: 'a meaning that was said',
    files: inEach('train extra', 'a b'),
    options: { parts: { extra: 'validation' } },
    is: 'part-class: a 4/4/0, b 4/4/0',
  },
  {
    of: 'a part that was said to be none',
    files: inEach('train test', 'a b'),
    options: { parts: { train: 'class', test: 'class' } },
    is: 'class: a 8/0/0, b 8/0/0',
    warns: ['OTHER_LEVEL'],
  },
  {
    of: 'a class that was said to be left out',
    files: ['a 4', 'b 4', 'c 4'],
    options: { parts: { c: 'skip' } },
    is: `class: a ${both}, b ${both}`,
    skips: 4,
  },
  {
    of: 'a name that is not there',
    files: ['a 4', 'b 4'],
    options: { parts: { c: 'skip' } },
    is: `class: a ${both}, b ${both}`,
    warns: ['NAME_NOT_FOUND'],
  },
  {
    of: 'parts taken for classes',
    files: ['train 4', 'test 4'],
    options: { layout: 'class' },
    is: `class: test ${both}, train ${both}`,
    warns: ['CLASS_NAMED_LIKE_PART'],
  },
  {
    of: 'one class, said',
    files: ['train 4', 'test 4'],
    options: { layout: 'one-class' },
    chosen: 'cats',
    is: 'one-class: cats 4/0/4',
  },
  {
    of: 'one class of a flat folder',
    files: ['. 4'],
    options: { layout: 'one-class' },
    chosen: 'cats',
    is: `one-class: cats ${both}`,
  },
  {
    of: 'all of it training data, fixed',
    files: ['a 4', 'b 4'],
    options: { part: 'train' },
    is: 'class: a 4!/0/0, b 4!/0/0',
  },
  // nothing to learn from
  { of: 'a flat folder', files: ['cat_0.png', 'dog_1.png'], is: 'unlabelled: (unlabelled) 2/0/0' },
  { of: 'images/ alone', files: ['images 4'], is: 'unlabelled: (unlabelled) 4/0/0' },
  { of: 'flat parts', files: ['train 4', 'test 4'], is: 'unlabelled: (unlabelled) 4/0/4' },
  {
    of: 'images below folders that only hold',
    files: ['data/images 4'],
    is: 'unlabelled: (unlabelled) 4/0/0',
  },
  {
    of: 'the flat folder test alone',
    files: ['. 4'],
    chosen: 'tvt/test',
    is: 'unlabelled: (unlabelled) 0/0/4',
    warns: ['NO_TRAINING_IMAGES'],
  },
  {
    of: 'a flat folder, without a class skipped',
    files: ['. 4'],
    options: { withoutClass: 'skip' },
    is: 'none',
    skips: 4,
  },
  {
    of: 'a flat folder, said to be a folder per class',
    files: ['. 4'],
    options: { layout: 'class' },
    is: 'none',
    skips: 4,
  },
  {
    of: 'all of it unlabelled, said',
    files: ['cats 4', 'dogs 4', '. 3'],
    options: { layout: 'unlabelled' },
    is: 'unlabelled: (unlabelled) 11/0/0',
  },
  {
    of: 'parts above classes, all of it unlabelled',
    files: inEach('train test', 'cats dogs'),
    options: { layout: 'unlabelled' },
    is: 'unlabelled: (unlabelled) 8/0/8',
  },
  {
    of: 'loose images, unlabelled',
    files: ['cats 4', 'dogs 4', '. 3'],
    options: { withoutClass: 'unlabelled' },
    is: `class: cats ${both}, dogs ${both}, (unlabelled) 3/0/0`,
  },
  {
    of: 'loose images in a wrapper, and beside it, unlabelled',
    files: [...inEach('set', 'cats dogs'), 'set 3', 'sample.png', 'docs/figure.png'],
    options: { withoutClass: 'unlabelled' },
    is: `class: cats ${both}, dogs ${both}, (unlabelled) 5/0/0`,
  },
  {
    of: 'test images without a class, unlabelled',
    files: [...inEach('train', 'a b'), 'test 4'],
    options: { withoutClass: 'unlabelled' },
    is: `part-class: a ${both}, b ${both}, (unlabelled) 0/0/4`,
  },
  {
    of: 'much beside the parts, unlabelled',
    files: [...inEach('train test', 'a b'), 'unlabeled 100'],
    options: { withoutClass: 'unlabelled' },
    is: 'part-class: a 4/0/4, b 4/0/4, (unlabelled) 100/0/0',
  },
  {
    of: 'a folder beside the classes, said to be unlabelled',
    files: ['cats 4', 'dogs 4', 'new 9'],
    options: { parts: { new: 'unlabelled' } },
    is: `class: cats ${both}, dogs ${both}, (unlabelled) 9/0/0`,
  },
  {
    of: 'a detection set, unlabelled',
    files: ['images/train 4', 'images/val 4', 'labels/train/0.txt', 'labels/val/0.txt', 'data.yaml'],
    options: { layout: 'unlabelled' },
    is: 'unlabelled: (unlabelled) 4/4/0',
    warns: ['DETECTION_SET'],
  },
  { of: 'no image', files: ['notes.txt'], is: 'none' },
  {
    of: 'YOLO',
    files: ['images/train 4', 'images/val 4', 'labels/train/0.txt', 'labels/val/0.txt', 'data.yaml'],
    is: 'none',
    skips: 8,
  },
  {
    of: 'Roboflow',
    files: ['train/images 4', 'train/labels/0.txt', 'valid/images 4', 'valid/labels/0.txt'],
    is: 'none',
    skips: 8,
  },
  {
    of: 'COCO',
    files: ['train2017 4', 'val2017 4', 'annotations/instances_train2017.json'],
    is: 'none',
    skips: 8,
  },
  { of: 'Pascal VOC', files: ['JPEGImages 4', 'Annotations/0.xml'], is: 'none', skips: 4 },
  {
    of: 'a class level that is not there',
    files: ['a 4', 'b 4'],
    options: { classLevel: 3 },
    is: 'none',
    skips: 8,
  },
];

describe('a folder is taken for', () => {
  it.each(cases)('$of', ({ files, is, warns = [], skips = 0, options = {}, chosen }) => {
    const got = outcome(files, options, chosen);
    expect({ text: got.text, codes: got.codes, skipped: got.skipped.length }).toEqual({
      text: is,
      codes: warns,
      skipped: skips,
    });
  });

  it.each(cases)('$of, and for the same when its options are said', ({ files, options = {}, chosen }) => {
    const first = outcome(files, options, chosen);
    const again = outcome(files, first.options, chosen);
    expect(again.images).toEqual(first.images);
    expect(again.options).toEqual(first.options);
  });
});

const folderName = fc.constantFrom(
  'train',
  'test',
  'val',
  'Train',
  'test_set',
  'images',
  'masks',
  'cats',
  'dogs',
  'birds',
  'docs',
  'session1',
  'fold2',
  '0',
  '1',
  'train_cats',
  'a\nb',
);
const path = fc
  .tuple(fc.array(folderName, { maxLength: 5 }), fc.nat(99))
  .map(([folders, number]) => [...folders, `${number}.png`].join('/'));
const paths = fc.uniqueArray(path, { maxLength: 60 });
const said: fc.Arbitrary<ImportOptions> = fc.record(
  {
    layout: fc.constantFrom('auto', 'class', 'part-class', 'class-part', 'one-class', 'unlabelled'),
    withoutClass: fc.constantFrom('skip', 'unlabelled'),
    classLevel: fc.integer({ min: 1, max: 5 }),
    parts: fc.dictionary(folderName, fc.constantFrom(...meanings)),
    part: fc.constantFrom('pool', 'train', 'validation', 'test'),
  },
  { requiredKeys: [] },
);
const infer = (images: readonly string[], options: ImportOptions = {}) =>
  inferLayout({ images, others: [], chosen: ['set'] }, options);

describe('whatever the folders are', () => {
  it('every image is placed or skipped with a reason, once, and the plan can be sent', () => {
    fc.assert(
      fc.property(paths, said, (images, options) => {
        const { images: placed, skipped, statement, warnings, options: same } = infer(images, options);
        const seen = [...placed.map(({ index }) => images[index]!), ...skipped.map(({ path }) => path)];
        expect(seen.sort()).toEqual([...images].sort());
        expect(skipped.every(({ reason }) => reason.endsWith('.'))).toBe(true);
        const fault = (name: string | null) => name !== null && faultOfName(name, longestClassName) !== null;
        expect(placed.some(({ className }) => fault(className))).toBe(false);
        expect(statement).toMatch(/\.$/);
        expect(warnings.every(({ text }) => /[.?]$/.test(text))).toBe(true);
        expect(ImportOptions.parse(same)).toEqual(same);
      }),
      { numRuns: 1500 },
    );
  });

  it('its options, said, give the same', () => {
    fc.assert(
      fc.property(paths, said, (images, options) => {
        const first = infer(images, options);
        expect(infer(images, first.options).images).toEqual(first.images);
      }),
      { numRuns: 1500 },
    );
  });

  it('a part that was said of what lies beside the classes stays said', () => {
    const images = ['0.png', 'train/0.png', 'docs/train/0.png', '1.png'];
    const options: ImportOptions = {
      layout: 'class',
      withoutClass: 'unlabelled',
      parts: { train: 'validation' },
    };
    const first = infer(images, options);
    expect(first.images[1]).toEqual({ index: 1, className: null, part: 'validation' });
    expect(infer(images, first.options).images).toEqual(first.images);
  });

  it('the order of the files changes nothing', () => {
    fc.assert(
      fc.property(paths, (images) => {
        const turned = [...images].reverse();
        const byName = ({ images: placed }: ReturnType<typeof infer>, of: readonly string[]) =>
          placed.map(({ index, className, part }) => [of[index], className, part].join(' ')).sort();
        expect(byName(infer(turned), turned)).toEqual(byName(infer(images), images));
      }),
      { numRuns: 500 },
    );
  });

  it('a folder around it all changes nothing', () => {
    fc.assert(
      fc.property(paths, (images) => {
        const wrapped = images.map((name) => `around it/${name}`);
        // A picture beside the classes is loose in the source itself, but may be the class in a folder.
        fc.pre(images.every((name) => name.includes('/')));
        const [plain, around] = [infer(images), infer(wrapped)];
        if (plain.images.length > 0 && new Set(plain.images.map(({ className }) => className)).size > 1)
          expect(around.images).toEqual(plain.images);
      }),
      { numRuns: 500 },
    );
  });
});
