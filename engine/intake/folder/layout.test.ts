/**
 * What folders are taken for: each row of layout-cases.ts is a data set that somebody has, and its outcome. What holds of all
 * folders is in layout-properties.test.ts.
 */
import { describe, expect, it } from 'vitest';
import type { ImportOptions } from '#contract/import.ts';
import { inferLayout } from './layout.ts';
import type { FileNames } from './layout-outcome.ts';
import { countClasses } from '../class-counts.ts';
import { cases } from './layout-cases.ts';

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
