import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatsReadBy } from '#contract/image-formats.ts';

it('names the formats that the program in Python reads', () => {
  const program = readFileSync(join(import.meta.dirname, 'samples/predict.py'), 'utf8');
  const [, list] = /name in \(([^)]*)\) if name in Image\.OPEN/.exec(program)!;
  const read = list!.split(', ').map((name) => name.slice(1, -1));
  expect(
    formatsReadBy('predict.py')
      .toUpperCase()
      .split(/, | AND /)
      .sort(),
  ).toEqual(read.sort());
});
