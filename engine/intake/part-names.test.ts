import { describe, expect, it } from 'vitest';
import { lookAlikes, shownExactly } from './folder/layout-warnings.ts';
import { countingPattern, isCollection, isHolder, isLabels, readPart } from './part-names.ts';

describe('a folder name', () => {
  it.each([
    ['train', 'pool'], ['Training', 'pool'], ['tr', 'pool'], ['trainval', 'pool'], ['train_val', 'pool'], ['TRAIN_SET', 'pool'],
    ['trainingset', 'pool'], ['seg_train', 'pool'], ['train-images', 'pool'], ['TrainData', 'pool'], ['train2017', 'pool'],
    ['val', 'validation'], ['valid', 'validation'], ['validation_data', 'validation'], ['dev', 'validation'], ['EVAL', 'validation'],
    ['valset', 'validation'], ['ValidationSet', 'validation'],
    ['test', 'test'], ['test1', 'test'], ['dataset-test', 'test'], ['Test Images', 'test'], ['hold-out', 'test'], ['held_out', 'test'],
    ['HoldOut', 'test'], ['testset', 'test'], ['testing.v2', 'test'],
  ])('%s speaks of the %s part', (name, part) => {
    expect(readPart(name)).toEqual({ part, rest: '' });
  }); // prettier-ignore

  it.each([
    'trains',
    'contest',
    'latest',
    'value',
    'valley',
    'device',
    'strain',
    'attest',
    'cats',
    '1',
    '',
    'train_test',
    'val_test',
  ])('%s speaks of none', (name) => expect(readPart(name)).toBeNull());

  it.each([
    ['flowers_train', 'pool', 'flowers'],
    ['test_tube', 'test', 'tube'],
    ['Blood-Test-Positive', 'test', 'blood positive'],
  ])('%s says something else too', (name, part, rest) => expect(readPart(name)).toEqual({ part, rest }));

  it('may be a mere holder, labels, or only a share or a number', () => {
    expect(['images', 'IMG2', 'JPEGImages', 'photos_raw'].every(isHolder)).toBe(true);
    expect(['image of cats', 'cats', '2'].some(isHolder)).toBe(false);
    expect(['masks', 'Ground-Truth', 'mask_images', 'Annotations', 'ground', 'images'].map(isLabels)).toEqual(
      [true, true, true, true, false, false],
    );
    expect(['fold1', 'batch_02', 'session 3', 'sample_a', 'fold', 'cats1', 'a_b'].map(isCollection)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(['cat001', '7', '224x224', '100CANON', 'cats'].map(countingPattern)).toEqual([
      'cat#',
      '#',
      '#x#',
      '#CANON',
      null,
    ]);
  });
});

describe('names that look alike', () => {
  it('differ in encoding, case, blanks or signs that nobody sees', () => {
    const groups = [
      ['caf\u00e9', 'cafe\u0301'],
      ['Case', 'case', 'CASE'],
      ['trailing', 'trailing '],
      ['zero', '\u200bzero'],
      ['\ufb01sh', 'fish'],
      ['CON', 'con.'],
    ];
    expect(lookAlikes([...groups.flat(), 'alone', '7', '007', '__proto__'])).toEqual(groups);
  });

  it('are shown with what tells them apart', () => {
    expect(['cafe\u0301', '\u200bzero', 'trailing '].map(shownExactly)).toEqual([
      '"cafe\\u0301"',
      '"\\u200bzero"',
      '"trailing "',
    ]);
  });
});
