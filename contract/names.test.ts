/** Names and notes: a table of what is taken and refused, and that what is taken is stored as it is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ClassName,
  faultOfName,
  longestClassName,
  Name,
  Note,
  OptionalName,
  PathText,
  readableName,
} from './names.ts';
import { visible } from './visible.ts';

const issue = (result: { success: boolean; error?: { issues: { message: string }[] } }) =>
  result.success ? null : result.error!.issues[0]!.message;

test.each([
  ['\0', '\\x00'],
  ['a\0b', '\\x00'],
  ['a\nb', '\\x0a'],
  ['a\tb', '\\x09'],
  ['\u001b[31mred', '\\x1b'],
  ['a\u007f', '\\x7f'],
  ['a\u0085b', '\\x85'],
  ['a\u009bb', '\\x9b'],
  ['a\u2028b', '\\u2028'],
  ['a\ud800', '\\ud800'],
  ['\udc00a', '\\udc00'],
  ['gpj.\u202eexe', '\\u202e'],
  ['a\u2066b', '\\u2066'],
])('a name with %j is refused, and says which character', (text, shown) => {
  for (const schema of [ClassName, Name, OptionalName]) {
    expect(issue(schema.safeParse(text))).toBe(
      `Expected a name without control characters, received ${shown} in it. Leave it out.`,
    );
  }
});

test.each([
  'cats',
  'Ärger',
  'A\u0308rger',
  '猫',
  '👩‍🚀',
  'نام\u200cها',
  'a\u200fb',
  '..',
  'con',
  'a/b',
  '=1+1',
  '<b>',
])('the name %j is kept exactly', (text) => {
  for (const schema of [ClassName, Name, OptionalName]) expect(schema.parse(text)).toBe(text);
});

test('blank space at the ends of a name is left out, and nothing but that is no name', () => {
  expect(ClassName.parse('  cats \u00a0')).toBe('cats');
  expect(issue(Name.safeParse(' \u3000'))).toBe(
    'Expected a name, received an empty one. Write at least one character.',
  );
  expect(OptionalName.parse('  ')).toBe('');
});

test('length is counted in characters, as SQLite does', () => {
  expect(ClassName.parse('🙂'.repeat(255))).toHaveLength(510);
  expect(issue(ClassName.safeParse('🙂'.repeat(256)))).toBe(
    'Expected a name of at most 255 characters, received 256. Shorten it.',
  );
  expect(issue(Name.safeParse('a'.repeat(121)))).toMatch(/at most 120 characters, received 121/);
});

test('a note has lines and tabs, and no other control character', () => {
  expect(Note.parse('one\r\ntwo\rthree\n\tfour')).toBe('one\ntwo\nthree\n\tfour');
  expect(Note.parse('')).toBe('');
  expect(issue(Note.safeParse('a\0'))).toMatch(/^Expected a note without control characters, received \\x00/);
  expect(issue(Note.safeParse('\u001b]0;title\u0007'))).toMatch(/received \\x1b/);
  expect(issue(Note.safeParse('a'.repeat(20_001)))).toMatch(/at most 20000 characters, received 20001/);
});

test('a path may hold what a file system takes', () => {
  expect(PathText.parse('/tmp/a\nb')).toBe('/tmp/a\nb');
  expect(issue(PathText.safeParse('/tmp/a\0'))).toMatch(/received \\x00 in it, which no file system takes/);
});

test('what came from elsewhere can be shown', () => {
  expect(readableName('', 10)).toBe('(no name)');
  expect(readableName(null, 10)).toBe('(no name)');
  expect(readableName('a\u001bb', 20)).toBe('a\\x1bb');
  expect(readableName('abcdef', 4)).toBe('abc…');
  expect(readableName(new Uint8Array([1, 2]), 10)).toBe('1,2');
});

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\0', '\n', '\ud800', '\u202e', ' ', 'é'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

test('what can be shown is a name', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(faultOfName(readableName(text, longestClassName), longestClassName)).toBe(null);
      expect(visible(visible(text))).toBe(visible(text));
    }),
  );
});
