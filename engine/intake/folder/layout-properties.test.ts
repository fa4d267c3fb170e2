/** What holds of folders whatever they are: nothing is lost, and what is of no matter changes nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportOptions, meanings } from '#contract/import.ts';
import { faultOfName, longestClassName } from '#contract/names.ts';
import { inferLayout } from './layout.ts';

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
