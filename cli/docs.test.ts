/**
 * What the documents name is there: files, commands, and the options that commands have. Code that they show is
 * quoted: ```ts FILE shows lines of that file, which the compiler and its own tests read; `// …` stands for lines left out.
 */
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

const guides = documents.filter((document) => document.startsWith(join('docs', 'extend')));

it.each(guides)('%s names files that are there', (document) => {
  const named = [...read(document).matchAll(/`([a-z][\w-]*\/[\w./-]+\.[a-z]+)`/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

const terms = [...read(join('docs', 'glossary.md')).matchAll(/^- \*\*([^*]+)\*\*: /gm)].map(
  ([, term]) => term!,
);

it('the glossary is in order, and holds only terms that the product uses', () => {
  const product = ['recipe', 'contract', 'renderer', 'engine', 'cli'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true })
      .map(String)
      .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(root, room, name), 'utf8')),
  );
  const inOrder = (a: string, b: string) => a.localeCompare(b, 'en');
  expect(terms.length).toBeGreaterThan(40);
  expect(terms).toEqual([...terms].sort(inOrder));
  const unused = terms.filter((term) => {
    const word = new RegExp(`\\b${term}s?\\b`, 'i');
    return !product.some((code) => word.test(code));
  });
  expect(unused).toEqual([]);
});

const quotes = documents.flatMap((document) =>
  [...read(document).matchAll(/^ *```(?:ts|svelte)\b *(.*)\n([^]*?)^ *```$/gm)].map(([, file, code]) => ({
    document,
    file: file!,
    pieces: code!.split(/^\s*\/\/ …$/m),
  })),
);

it.each(quotes)('$document quotes $file as it is', ({ file, pieces }) => {
  expect(file, 'Expected ```ts FILE: a guide shows code of a file that tests run.').toMatch(/^[a-z]/);
  let rest = unformatted(read(file));
  for (const piece of pieces) {
    const wanted = unformatted(piece);
    expect(wanted).not.toBe('');
    const at = rest.indexOf(wanted);
    expect(at, `${file} does not say any more:\n${piece}`).toBeGreaterThanOrEqual(0);
    rest = rest.slice(at + wanted.length);
  }
});

/** Without what a formatter decides by the width that is left: a quote stands at another margin. */
const unformatted = (code: string) => code.replaceAll(/\s+/g, '').replaceAll(/,(?=[\])}]|$)/g, '');
