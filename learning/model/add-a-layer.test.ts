/** The recipe for adding a layer names files and commands that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/extend/add-a-layer.md', root), 'utf8');

test('docs/extend/add-a-layer.md names files that exist', () => {
  const named = [...text.matchAll(/`((?:recipe|contract|learning|engine|cli|renderer|docs)\/[^`]+)`/g)].map(
    ([, path]) => path!,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(fileURLToPath(new URL(path, root))))).toEqual([]);
});

test('docs/extend/add-a-layer.md names scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object };
  const named = [...text.matchAll(/`npm run ([\w-]+)`/g)].map(([, script]) => script!);
  expect(named.length).toBeGreaterThan(0);
  for (const script of named) expect(scripts).toHaveProperty(script);
});
