/** What the documents name is there: files that are linked, commands, and the options that commands have. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { commands } from './commands.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const read = (document: string) => readFileSync(join(root, document), 'utf8');

it.each(documents)('%s links to files that are there', (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
  expect(links.filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([]);
});

it.each(documents)('%s calls commands by names and options that they have', (document) => {
  for (const [line, name, words] of read(document).matchAll(
    /(?:npm run -s )?atelier -- ([a-z-]+)([^\n`]*)/g,
  )) {
    if (name === 'help') continue;
    const command = commands.find((one) => one.name === name);
    expect(command, line).toBeDefined();
    const used = [...words!.matchAll(/(?<=[\s[])--([a-z-]+)/g)].map(([, option]) => option!);
    expect([...Object.keys(command!.options), 'json'], line).toEqual(expect.arrayContaining(used));
  }
});

it.each(documents)('%s names scripts that package.json has', (document) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  for (const [, name] of read(document).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g))
    expect(Object.keys(scripts)).toContain(name);
});
