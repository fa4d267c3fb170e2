/** For tests only: folders that somebody has, and what they are taken for. Read by layout.test.ts, which says how a row is written. */
import type { ImportOptions } from '#contract/import.ts';

interface More {
  warns?: string[];
  skips?: number;
  options?: ImportOptions;
  chosen?: string;
}
const row = (of: string, files: string[], is: string, more: More = {}) => ({ of, files, is, ...more });

const inEach = (folders: string, classes: string, count = 4) =>
  folders.split(' ').flatMap((folder) => classes.split(' ').map((name) => `${folder}/${name} ${count}`));
const both = '4/0/0';

export const cases = [
  // names that only count, below names of their own
  row('sizes below the classes', inEach('cats dogs', '224x224 512x512'), 'class: cats 8/0/0, dogs 8/0/0', {
    warns: ['OTHER_LEVEL'],
  }),
  row(
    "a camera's folders below the classes",
    ['cats/100CANON 4', 'cats/101CANON 4', 'dogs/100CANON 4', 'dogs/102CANON 4'],
    'class: cats 8/0/0, dogs 8/0/0',
    { warns: ['OTHER_LEVEL'] },
  ),
  row(
    'samples with letters below the classes',
    inEach('cork linen', 'sample_a sample_b'),
    'class: cork 8/0/0, linen 8/0/0',
    { warns: ['OTHER_LEVEL'] },
  ),
  // masks
  row('ground truth beside the images', inEach('images ground_truth', 'a b'), 'class: a 4/0/0, b 4/0/0', {
    warns: ['LABELS_SKIPPED'],
    skips: 8,
  }),
  row(
    'masks among the images of a class',
    ['a/x.png', 'a/x_mask.png', 'a/x_mask_1.png', 'b/face_mask.png', 'b/2.png', 'b/3.png'],
    'class: a 3/0/0, b 3/0/0',
    { warns: ['MASKS_AMONG_IMAGES'] },
  ),
  // flat parts of other names
  row(
    'doubled parts without classes',
    ['cars_train/cars_train 4', 'cars_test/cars_test 4'],
    'unlabelled: (unlabelled) 4/0/4',
  ),
  row(
    'parts with another word beside a third folder',
    ['box_train 4', 'box_test 4', 'query 4'],
    'class: box_test 4/0/0, box_train 4/0/0, query 4/0/0',
    { warns: ['CLASS_NAMED_LIKE_PART'] },
  ),
  // parts above classes
  row('train, val, test', inEach('train val test', 'cats dogs'), 'part-class: cats 4/4/4, dogs 4/4/4'),
  row('train, valid, test', inEach('train valid test', 'cats dogs'), 'part-class: cats 4/4/4, dogs 4/4/4'),
  row(
    'training, validation, testing',
    inEach('training validation testing', 'a b'),
    'part-class: a 4/4/4, b 4/4/4',
  ),
  row('Train, Test', inEach('Train Test', 'a b'), 'part-class: a 4/0/4, b 4/0/4'),
  row('TRAIN, VAL', inEach('TRAIN VAL', 'a b'), 'part-class: a 4/4/0, b 4/4/0'),
  row('train, dev, test', inEach('train dev test', 'a b'), 'part-class: a 4/4/4, b 4/4/4'),
  row('train, eval', inEach('train eval', 'a b'), 'part-class: a 4/4/0, b 4/4/0'),
  row('train, holdout', inEach('train holdout', 'a b'), 'part-class: a 4/0/4, b 4/0/4'),
  row('training, hold-out', inEach('training hold-out', 'a b'), 'part-class: a 4/0/4, b 4/0/4'),
  row('train_set, test_set', inEach('train_set test_set', 'a b'), 'part-class: a 4/0/4, b 4/0/4'),
  row('TrainData, TestData', inEach('TrainData TestData', 'a b'), 'part-class: a 4/0/4, b 4/0/4'),
  row('trainset, valset, testset', inEach('trainset valset testset', 'a b'), 'part-class: a 4/4/4, b 4/4/4'),
  row(
    'dataset-train, dataset-test',
    inEach('dataset-train dataset-test', 'a b'),
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row('train2017, val2017', inEach('train2017 val2017', 'a b'), 'part-class: a 4/4/0, b 4/4/0'),
  row(
    'names with a common other word',
    inEach('asl_alphabet_train asl_alphabet_test', 'a b'),
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'doubled folders',
    inEach('training_set/training_set test_set/test_set', 'a b'),
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'doubled with a prefix',
    inEach('seg_train/seg_train seg_test/seg_test', 'a b'),
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'images between part and class',
    inEach('train/images test/images', 'a b'),
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'images in one part only',
    [...inEach('train', 'a b'), ...inEach('test/images', 'a b')],
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'images below the class',
    ['train/a/images 4', 'train/b/images 4', 'test/a/images 4', 'test/b/images 4'],
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'classes that are digits',
    inEach('train test', '0 1 2 10'),
    'part-class: 0 4/0/4, 1 4/0/4, 2 4/0/4, 10 4/0/4',
  ),
  row(
    'wrapped twice',
    inEach('dataset/images/train dataset/images/test', 'a b'),
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'a wrapper named like a part',
    inEach('test_data/train test_data/test', 'a b'),
    'part-class: a 4/0/4, b 4/0/4',
  ),
  row(
    'a part within a part',
    [...inEach('train/train train/val', 'a b'), ...inEach('test', 'a b')],
    'part-class: a 4/4/4, b 4/4/4',
  ),
  row('train only', inEach('train', 'a b'), `part-class: a ${both}, b ${both}`),
  row('test only', inEach('test', 'a b'), 'part-class: a 0/0/4, b 0/0/4', { warns: ['NO_TRAINING_IMAGES'] }),
  row('val and test only', inEach('val test', 'a b'), 'part-class: a 0/4/4, b 0/4/4', {
    warns: ['NO_TRAINING_IMAGES'],
  }),
  row(
    'two sets of parts',
    inEach('photo/train photo/test sketch/train sketch/test', 'a b'),
    'part-class: a 8/0/8, b 8/0/8',
  ),
  row(
    'train beside Train',
    [...inEach('train Train Test', 'a'), 'train/b 4'],
    'part-class: a 8/0/4, b 4/0/0',
    { warns: ['SAME_PART_TWICE', 'CLASS_WITHOUT_TEST'] },
  ),
  row('one class in parts', inEach('train test', 'cats'), 'part-class: cats 4/0/4', { warns: ['ONE_CLASS'] }),
  row(
    'a class in test only',
    [...inEach('train test', 'a b'), 'test/c 4'],
    'part-class: a 4/0/4, b 4/0/4, c 0/0/4',
    { warns: ['CLASS_WITHOUT_TRAINING'] },
  ),
  row('a class in train only', [...inEach('train', 'a b'), 'test/a 4'], 'part-class: a 4/0/4, b 4/0/0', {
    warns: ['CLASS_WITHOUT_TEST'],
  }),
  row(
    'a class called train in the parts',
    inEach('train test', 'bus train'),
    'part-class: bus 4/0/4, train 4/0/4',
    { warns: ['CLASS_NAMED_LIKE_PART'] },
  ),
  row(
    'nested classes in parts',
    inEach('train test', 'animals/cats animals/dogs vehicles/cars vehicles/bikes'),
    'part-class: bikes 4/0/4, cars 4/0/4, cats 4/0/4, dogs 4/0/4',
    { warns: ['OTHER_LEVEL'] },
  ),
  row('unlabelled test images', [...inEach('train', 'a b'), 'test 4'], `part-class: a ${both}, b ${both}`, {
    warns: ['LOOSE_IMAGES'],
    skips: 4,
  }),
  row(
    'unlabelled test images in images/',
    [...inEach('train', 'a/images b/images c/images'), 'val/images 40', 'test/images 40'],
    `part-class: a ${both}, b ${both}, c ${both}`,
    { warns: ['LOOSE_IMAGES'], skips: 80 },
  ),
  row(
    'classes named like holders',
    [...inEach('train', 'photo sketch'), 'test/photo 4'],
    'part-class: photo 4/0/4, sketch 4/0/0',
    { warns: ['CLASS_WITHOUT_TEST'] },
  ),
  row(
    'much that is unlabelled beside the parts',
    [...inEach('train test', 'a b'), 'unlabeled 100'],
    'part-class: a 4/0/4, b 4/0/4',
    { warns: ['BESIDE_SKIPPED'], skips: 100 },
  ),
  row('a part under an unknown name', inEach('train extra', 'a b'), `part-class: a ${both}, b ${both}`, {
    warns: ['BESIDE_SKIPPED'],
    skips: 8,
  }),
  row(
    'a stray picture beside the parts',
    [...inEach('train test', 'a b'), 'sample.png'],
    'part-class: a 4/0/4, b 4/0/4',
    { warns: ['BESIDE_SKIPPED'], skips: 1 },
  ),
  row(
    'a stray picture beside wrapped parts',
    [...inEach('pets/train pets/test', 'a b'), 'pets/sample.png'],
    'part-class: a 4/0/4, b 4/0/4',
    { warns: ['BESIDE_SKIPPED'], skips: 1 },
  ),
  row(
    'a stray folder beside wrapped parts',
    [...inEach('pets/train pets/test', 'a b'), 'docs/figure.png'],
    'part-class: a 4/0/4, b 4/0/4',
    { warns: ['BESIDE_SKIPPED'], skips: 1 },
  ),
  row(
    'a stray folder beside train only',
    [...inEach('train', 'a b'), 'docs/figure.png'],
    `part-class: a ${both}, b ${both}`,
    { warns: ['BESIDE_SKIPPED'], skips: 1 },
  ),
  row(
    'a stray picture in a part',
    [...inEach('train test', 'a b'), 'train/x.png'],
    'part-class: a 4/0/4, b 4/0/4',
    { warns: ['LOOSE_IMAGES'], skips: 1 },
  ),
  // parts below classes
  row('class/train and class/test', inEach('cats dogs', 'train test'), 'class-part: cats 4/0/4, dogs 4/0/4'),
  row(
    'the same, wrapped',
    inEach('set/cats set/dogs', 'train val test'),
    'class-part: cats 4/4/4, dogs 4/4/4',
  ),
  row(
    'class/train/images',
    inEach('cats dogs', 'train/images test/images'),
    'class-part: cats 4/0/4, dogs 4/0/4',
  ),
  row('class/train only', inEach('cats dogs', 'train'), `class-part: cats ${both}, dogs ${both}`),
  row(
    'a class of which one part is missing',
    [...inEach('cats dogs', 'train test'), 'birds/train 4'],
    'class-part: birds 4/0/0, cats 4/0/4, dogs 4/0/4',
    { warns: ['CLASS_WITHOUT_TEST'] },
  ),
  row(
    'class/train/session',
    inEach('cats/train cats/test dogs/train dogs/test', 'session1 session2'),
    'class-part: cats 8/0/8, dogs 8/0/8',
  ),
  row(
    'digits below two sets of parts',
    inEach('mnist/train mnist/test usps/train usps/test', '0 1'),
    'part-class: 0 8/0/8, 1 8/0/8',
  ),
  // classes alone
  row(
    'a folder per class',
    inEach('.', 'cats dogs').map((line) => line.slice(2)),
    `class: cats ${both}, dogs ${both}`,
  ),
  row(
    'a class called train',
    ['bus 4', 'car 4', 'train 4'],
    `class: bus ${both}, car ${both}, train ${both}`,
    { warns: ['CLASS_NAMED_LIKE_PART'] },
  ),
  row(
    'a class called train with folders in it',
    ['bus 9', 'car 9', 'train/steam 4', 'train/diesel 4'],
    'class: bus 9/0/0, car 9/0/0, train 8/0/0',
    { warns: ['UNEVEN_DEPTH', 'CLASS_NAMED_LIKE_PART'] },
  ),
  row(
    'classes that begin with test',
    ['test_tube 4', 'test_strip 4'],
    `class: test_strip ${both}, test_tube ${both}`,
  ),
  row('wrapped once', inEach('mydata', 'a b'), `class: a ${both}, b ${both}`),
  row('wrapped twice', inEach('a/b', 'cats dogs'), `class: cats ${both}, dogs ${both}`),
  row('wrapped five times', inEach('a/b/c/d/e', 'cats dogs'), `class: cats ${both}, dogs ${both}`),
  row(
    'a wrapper and a stray picture in it',
    [...inEach('pets', 'cats dogs'), 'pets/sample.png'],
    `class: cats ${both}, dogs ${both}`,
    { warns: ['LOOSE_IMAGES'], skips: 1 },
  ),
  row(
    'a wrapper and a stray picture beside it',
    [...inEach('pets', 'cats dogs'), 'sample.png'],
    `class: cats ${both}, dogs ${both}`,
    { warns: ['LOOSE_IMAGES'], skips: 1 },
  ),
  row(
    'a wrapper and a stray folder beside it',
    [...inEach('pets', 'cats dogs'), 'docs/figure.png'],
    `class: cats ${both}, dogs ${both}`,
    { warns: ['LOOSE_IMAGES'], skips: 1 },
  ),
  row('loose images', ['cats 4', 'dogs 4', '. 3'], `class: cats ${both}, dogs ${both}`, {
    warns: ['LOOSE_IMAGES'],
    skips: 3,
  }),
  row(
    'loose images in a wrapper',
    [...inEach('set', 'cats dogs'), 'set 3'],
    `class: cats ${both}, dogs ${both}`,
    { warns: ['LOOSE_IMAGES'], skips: 3 },
  ),
  row(
    'nested classes',
    inEach('animals', 'cats dogs').concat(inEach('vehicles', 'cars bikes')),
    `class: bikes ${both}, cars ${both}, cats ${both}, dogs ${both}`,
    { warns: ['OTHER_LEVEL'] },
  ),
  row(
    'nested classes, the level above said',
    inEach('animals', 'cats dogs').concat(inEach('vehicles', 'cars bikes')),
    'class: animals 8/0/0, vehicles 8/0/0',
    { options: { classLevel: 1 }, warns: ['OTHER_LEVEL'] },
  ),
  row('domains of the same classes', inEach('amazon webcam', 'mug pen'), 'class: mug 8/0/0, pen 8/0/0', {
    warns: ['OTHER_LEVEL'],
  }),
  row('folds of the same classes', inEach('fold1 fold2', '0 1'), 'class: 0 8/0/0, 1 8/0/0', {
    warns: ['OTHER_LEVEL'],
  }),
  row(
    'sessions below the classes',
    inEach('cats dogs', 'session1 session2'),
    'class: cats 8/0/0, dogs 8/0/0',
    { warns: ['OTHER_LEVEL'] },
  ),
  row(
    'one folder per animal below the classes',
    ['cats/cat001 4', 'cats/cat002 4', 'dogs/dog001 4'],
    'class: cats 8/0/0, dogs 4/0/0',
    { warns: ['OTHER_LEVEL'] },
  ),
  row(
    'uneven depth',
    ['cats 4', 'dogs 4', 'animals/deep/er/birds 4'],
    `class: animals ${both}, cats ${both}, dogs ${both}`,
    { warns: ['UNEVEN_DEPTH'] },
  ),
  row('masks beside images', inEach('covid normal', 'images masks'), `class: covid ${both}, normal ${both}`, {
    warns: ['LABELS_SKIPPED'],
    skips: 8,
  }),
  row('one class', ['cats 4'], `class: cats ${both}`, { warns: ['ONE_CLASS'] }),
  row('one class, wrapped', ['pets/cats 4'], `class: cats ${both}`, { warns: ['ONE_CLASS'] }),
  row('one image per class', ['a 1', 'b 1', 'c 1'], 'class: a 1/0/0, b 1/0/0, c 1/0/0', {
    warns: ['FEW_IMAGES'],
  }),
  row(
    'names that look alike',
    ['cafe\u0301 4', 'caf\u00e9 4', 'Case 4', 'case 4'],
    `class: cafe\u0301 ${both}, caf\u00e9 ${both}, case ${both}, Case ${both}`,
    { warns: ['LOOK_ALIKE_CLASSES'] },
  ),
  row(
    'names of JavaScript',
    ['__proto__ 4', 'constructor 4'],
    `class: __proto__ ${both}, constructor ${both}`,
  ),
  row('a name with a line break', ['new\nline 4', 'a 4', 'b 4'], `class: a ${both}, b ${both}`, {
    warns: ['CLASS_NAME_REFUSED'],
    skips: 4,
  }),
  // the chosen folder's own name
  row('the folder test alone', ['cats 4', 'dogs 4'], 'class: cats 0/0/4, dogs 0/0/4', {
    chosen: 'tvt/test',
    warns: ['NO_TRAINING_IMAGES'],
  }),
  row('the folder val/images alone', ['cats 4', 'dogs 4'], 'class: cats 0/4/0, dogs 0/4/0', {
    chosen: 'tvt/val/images',
    warns: ['NO_TRAINING_IMAGES'],
  }),
  row(
    'the folder test, said to be training data',
    ['cats 4', 'dogs 4'],
    `class: cats ${both}, dogs ${both}`,
    { chosen: 'tvt/test', options: { part: 'pool' } },
  ),
  row('a folder called test that holds parts', inEach('train test', 'a b'), 'part-class: a 4/0/4, b 4/0/4', {
    chosen: 'test',
  }),
  row('a folder called train', ['cats 4', 'dogs 4'], `class: cats ${both}, dogs ${both}`, {
    chosen: 'tvt/train',
  }),
  // what was said
  row('a meaning that was said', inEach('train extra', 'a b'), 'part-class: a 4/4/0, b 4/4/0', {
    options: { parts: { extra: 'validation' } },
  }),
  row('a part that was said to be none', inEach('train test', 'a b'), 'class: a 8/0/0, b 8/0/0', {
    options: { parts: { train: 'class', test: 'class' } },
    warns: ['OTHER_LEVEL'],
  }),
  row('a class that was said to be left out', ['a 4', 'b 4', 'c 4'], `class: a ${both}, b ${both}`, {
    options: { parts: { c: 'skip' } },
    skips: 4,
  }),
  row('a name that is not there', ['a 4', 'b 4'], `class: a ${both}, b ${both}`, {
    options: { parts: { c: 'skip' } },
    warns: ['NAME_NOT_FOUND'],
  }),
  row('parts taken for classes', ['train 4', 'test 4'], `class: test ${both}, train ${both}`, {
    options: { layout: 'class' },
    warns: ['CLASS_NAMED_LIKE_PART'],
  }),
  row('one class, said', ['train 4', 'test 4'], 'one-class: cats 4/0/4', {
    options: { layout: 'one-class' },
    chosen: 'cats',
  }),
  row('one class of a flat folder', ['. 4'], `one-class: cats ${both}`, {
    options: { layout: 'one-class' },
    chosen: 'cats',
  }),
  row('all of it training data, fixed', ['a 4', 'b 4'], 'class: a 4!/0/0, b 4!/0/0', {
    options: { part: 'train' },
  }),
  // nothing to learn from
  row('a flat folder', ['cat_0.png', 'dog_1.png'], 'unlabelled: (unlabelled) 2/0/0'),
  row('images/ alone', ['images 4'], 'unlabelled: (unlabelled) 4/0/0'),
  row('flat parts', ['train 4', 'test 4'], 'unlabelled: (unlabelled) 4/0/4'),
  row('images below folders that only hold', ['data/images 4'], 'unlabelled: (unlabelled) 4/0/0'),
  row('the flat folder test alone', ['. 4'], 'unlabelled: (unlabelled) 0/0/4', {
    chosen: 'tvt/test',
    warns: ['NO_TRAINING_IMAGES'],
  }),
  row('a flat folder, without a class skipped', ['. 4'], 'none', {
    options: { withoutClass: 'skip' },
    skips: 4,
  }),
  row('a flat folder, said to be a folder per class', ['. 4'], 'none', {
    options: { layout: 'class' },
    skips: 4,
  }),
  row('all of it unlabelled, said', ['cats 4', 'dogs 4', '. 3'], 'unlabelled: (unlabelled) 11/0/0', {
    options: { layout: 'unlabelled' },
  }),
  row(
    'parts above classes, all of it unlabelled',
    inEach('train test', 'cats dogs'),
    'unlabelled: (unlabelled) 8/0/8',
    { options: { layout: 'unlabelled' } },
  ),
  row(
    'loose images, unlabelled',
    ['cats 4', 'dogs 4', '. 3'],
    `class: cats ${both}, dogs ${both}, (unlabelled) 3/0/0`,
    { options: { withoutClass: 'unlabelled' } },
  ),
  row(
    'loose images in a wrapper, and beside it, unlabelled',
    [...inEach('set', 'cats dogs'), 'set 3', 'sample.png', 'docs/figure.png'],
    `class: cats ${both}, dogs ${both}, (unlabelled) 5/0/0`,
    { options: { withoutClass: 'unlabelled' } },
  ),
  row(
    'test images without a class, unlabelled',
    [...inEach('train', 'a b'), 'test 4'],
    `part-class: a ${both}, b ${both}, (unlabelled) 0/0/4`,
    { options: { withoutClass: 'unlabelled' } },
  ),
  row(
    'much beside the parts, unlabelled',
    [...inEach('train test', 'a b'), 'unlabeled 100'],
    'part-class: a 4/0/4, b 4/0/4, (unlabelled) 100/0/0',
    { options: { withoutClass: 'unlabelled' } },
  ),
  row(
    'a folder beside the classes, said to be unlabelled',
    ['cats 4', 'dogs 4', 'new 9'],
    `class: cats ${both}, dogs ${both}, (unlabelled) 9/0/0`,
    { options: { parts: { new: 'unlabelled' } } },
  ),
  row(
    'a detection set, unlabelled',
    ['images/train 4', 'images/val 4', 'labels/train/0.txt', 'labels/val/0.txt', 'data.yaml'],
    'unlabelled: (unlabelled) 4/4/0',
    { options: { layout: 'unlabelled' }, warns: ['DETECTION_SET'] },
  ),
  row('no image', ['notes.txt'], 'none'),
  row(
    'YOLO',
    ['images/train 4', 'images/val 4', 'labels/train/0.txt', 'labels/val/0.txt', 'data.yaml'],
    'none',
    { skips: 8 },
  ),
  row('Roboflow', ['train/images 4', 'train/labels/0.txt', 'valid/images 4', 'valid/labels/0.txt'], 'none', {
    skips: 8,
  }),
  row('COCO', ['train2017 4', 'val2017 4', 'annotations/instances_train2017.json'], 'none', { skips: 8 }),
  row('Pascal VOC', ['JPEGImages 4', 'Annotations/0.xml'], 'none', { skips: 4 }),
  row('a class level that is not there', ['a 4', 'b 4'], 'none', { options: { classLevel: 3 }, skips: 8 }),
];
