/** Conditions as text: read, written and read again the same, and completed word by word. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageFactKeys } from './image-facts.ts';
import { splitNames } from './project.ts';
import { completions, type Conditions, parseQuery, readQuery, writeQuery } from './item-query.ts';

const classes = [
  { id: 1, name: 'glass' },
  { id: 2, name: 'Ankle boot' },
  { id: 3, name: 'class:odd' },
];

describe('a query', () => {
  it.each<[string, Conditions]>([
    ['', {}],
    ['bottle', { text: 'bottle' }],
    ['class:glass bottle 12', { classIds: [1], text: 'bottle 12' }],
    ['CLASS:"ankle boot" part:Test', { classIds: [2], splits: ['test'] }],
    ['unlabelled class:glass', { classIds: [null, 1] }],
    ['excluded relabelled', { excluded: true, relabelled: true }],
    ['hard part:test', { splits: ['test'], hard: true }],
    [
      'width>100 brightness<50',
      {
        facts: [
          { fact: 'width', least: 101 },
          { fact: 'brightness', below: 50 },
        ],
      },
    ],
    ['width>=28 width<=64', { facts: [{ fact: 'width', least: 28, below: 65 }] }],
    ['height=32', { facts: [{ fact: 'height', least: 32, below: 33 }] }],
    // In quotation marks, and where it does not look like a condition, it is looked for in names.
    ['"class:wood" "depth>3" "hard" 3:4 a/b=c "a b', { text: 'class:wood depth>3 hard 3:4 a/b=c a b' }],
    ['class:"class:odd"', { classIds: [3] }],
    ['noted note:"Check Again"', { noted: true, note: 'Check Again' }],
    ['sort:brightness', { sort: { by: 'brightness' } }],
    ['Sort:-name glass', { sort: { by: 'name', descending: true }, text: 'glass' }],
  ])('%s', (text, expected) => {
    expect(readQuery(text, classes)).toEqual(expected);
  });

  it.each([
    ['class:Nope', 'No class “Nope”. Classes: glass, Ankle boot, class:odd.'],
    ['class:ankel', 'No class “ankel”. Classes: glass, Ankle boot, class:odd.'],
    [
      'bottle class:glas',
      'No class “glas”. Did you mean class:glass? Classes: glass, Ankle boot, class:odd.',
    ],
    [
      'class:"ankle bot"',
      'No class “ankle bot”. Did you mean class:"Ankle boot"? Classes: glass, Ankle boot, class:odd.',
    ],
    ['part:foo', 'No part “foo”. Parts: train, validation, test.'],
    ['part:tes', 'No part “tes”. Did you mean test? Parts: train, validation, test.'],
    ['width>abc', 'Expected a number after “width>”, as width>100, received “abc”.'],
    ['width>', 'Expected a number after “width>”, as width>100, received none.'],
    ['note:', 'Expected a word of the note after “note:”, received none.'],
    ['sort:bogus', /^No order “bogus”\. Orders: name, class, .*; with - before it the other way round\.$/],
    ['sort:-widt', /^No order “-widt”\. Did you mean width\? /],
    [
      'depth>3',
      /^“depth” cannot be compared\. Facts: width, height, .* In quotation marks it is searched for in names\.$/,
    ],
    [
      'clas:glass',
      /^No condition “clas:”\. Did you mean class:\? Conditions: class:, part:, note:, sort:\. In quotation marks/,
    ],
  ])('says what is wrong with %s', (text, fault) => {
    expect(() => readQuery(text, classes)).toThrow(fault);
    expect(parseQuery(text, classes).fault).toMatch(fault);
  });

  it('names a few of very many classes', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ id: at + 1, name: `kind ${at}` }));
    expect(parseQuery('class:x', many).fault).toMatch(/Classes: kind 0, .*, kind 11 and 88 more\.$/);
  });

  it('written and read again is the same', () => {
    const range = fc.record({
      fact: fc.constantFrom(...imageFactKeys),
      least: fc.integer({ min: 0, max: 500 }),
      below: fc.integer({ min: 1, max: 900 }),
    });
    const conditions = fc.record(
      {
        classIds: fc.uniqueArray(fc.constantFrom(1, 2, 3, null), { minLength: 1 }),
        splits: fc.uniqueArray(fc.constantFrom(...splitNames), { minLength: 1 }),
        excluded: fc.constant(true),
        relabelled: fc.constant(true),
        hard: fc.constant(true),
        noted: fc.constant(true),
        note: fc.constantFrom('blurred', 'look again'),
        sort: fc.constantFrom(
          { by: 'name' as const },
          { by: 'sharpness' as const, descending: true as const },
        ),
        facts: fc.uniqueArray(range, { minLength: 1, selector: ({ fact }) => fact }),
        text: fc.constantFrom('bottle', 'a/b 12.png', 'a:b', 'part:test', 'hard', 'two  blanks'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(conditions, (given) => {
        expect(readQuery(writeQuery(given as Conditions, classes), classes)).toEqual(given);
      }),
    );
  });

  it('of any text is read', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseQuery(text, classes)));
  });
});

describe('completion', () => {
  const words = (text: string, caret = text.length) =>
    completions(text, caret, classes).map(({ word }) => word);

  it('offers classes, parts, facts and flags that begin so; nothing after a space', () => {
    expect(words('par')).toEqual(['part:train', 'part:validation', 'part:test']);
    expect(words('class:a')).toEqual(['class:"Ankle boot"']);
    expect(words('ank')).toEqual(['class:"Ankle boot"']);
    expect(words('bright')).toEqual(['brightness>=', 'brightness<']);
    expect(words('sort:br')).toEqual(['sort:brightness']);
    expect(words('sort:-w')).toEqual(['sort:-width']);
    expect(words('excluded')).toEqual([]);
    expect([words(''), words('par ')]).toEqual([[], []]);
  });

  it('takes the place of the word at the caret, and of no other', () => {
    const [first] = completions('class:gl part:test x', 8, classes);
    expect(first).toEqual({ word: 'class:glass', text: 'class:glass part:test x', caret: 12 });
    const [range] = completions('a wid', 5, classes);
    expect(range).toEqual({ word: 'width>=', text: 'a width>=', caret: 9 });
  });
});
