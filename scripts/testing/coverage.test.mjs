/** The shares that are printed are those of the reports, merged over the parts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { coverageText } from './coverage.mjs';

let folder;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'atelier-coverage-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const line = (number) => ({ start: { line: number, column: 0 }, end: { line: number, column: 9 } });
/** A file of four lines, of which those that are said were run. */
function write(part, file, ran) {
  const path = join('/r', file);
  const lines = [1, 2, 3, 4];
  const report = {
    [path]: {
      path,
      statementMap: Object.fromEntries(lines.map((one) => [one, line(one)])),
      s: Object.fromEntries(lines.map((one) => [one, ran.includes(one) ? 1 : 0])),
      fnMap: {},
      f: {},
      branchMap: {},
      b: {},
    },
  };
  mkdirSync(join(folder, 'coverage', part), { recursive: true });
  writeFileSync(join(folder, 'coverage', part, 'coverage-final.json'), JSON.stringify(report));
}

test('a line counts that any part ran, and rooms stand in order', () => {
  write('units', 'renderer/a.ts', [1]);
  write('components', 'renderer/a.ts', [2, 3]);
  write('more', 'engine/b.ts', [1, 2, 3, 4]);
  const rows = coverageText(folder, ['units', 'components', 'more'], '/r').split('\n').slice(3, -1);
  expect(rows.map((row) => row.trim().split(/\s{2,}/))).toEqual([
    ['engine', '1', '100 %', '–', '–'],
    ['renderer', '1', '75 %', '–', '–'],
  ]);
});

test('nothing is said where no part wrote a report', () =>
  expect(coverageText(folder, ['units'], '/r')).toBe(''));
