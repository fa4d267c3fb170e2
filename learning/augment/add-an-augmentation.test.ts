/** The recipe for adding an augmentation names files, scripts and exports that exist, and holds for every kind there is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Augmentation } from '#recipe/augmentation.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const text = read('docs/extend/add-an-augmentation.md');
const kinds = Augmentation.options.map(({ shape }) => shape.kind.value);

test('docs/extend/add-an-augmentation.md names files and scripts that exist', () => {
  const files = [...text.matchAll(/`((?:recipe|contract|learning|engine|cli|renderer|docs)\/[^`]+)`/g)].map(
    ([, path]) => path!,
  );
  expect(files.length).toBeGreaterThan(12);
  expect(files.filter((path) => !existsSync(fileURLToPath(new URL(path, root))))).toEqual([]);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
  const named = [...text.matchAll(/`npm run ([\w-]+)`/g)].map(([, script]) => script!);
  expect(named.length).toBeGreaterThan(0);
  for (const script of named) expect(scripts).toHaveProperty(script);
});

test('what it tells to use is there', () => {
  const exported = (file: string, names: string[]) => {
    for (const name of names) {
      expect(text).toContain(`\`${name}`);
      expect(read(file)).toMatch(new RegExp(`export (interface|function|const) ${name}\\b`));
    }
  };
  exported('learning/augment/augmentation.ts', [
    'ImageAugmentation',
    'MovingAugmentation',
    'MixingAugmentation',
  ]);
  exported('learning/augment/warp.ts', ['Move', 'aboutCentre']);
  exported('learning/tensorflow/operations.ts', ['gatherRows']);
  exported('learning/tensorflow/random.ts', ['foldSeed']);
  exported('recipe/augmentation.ts', ['Augmentation']);
});

test.each(kinds)('%s has a file named as it, and a line in the registry', (kind) => {
  expect(readdirSync(new URL('./', import.meta.url))).toContain(`${kind}.ts`);
  expect(read('learning/augment/index.ts')).toContain(`from './${kind}.ts'`);
});
