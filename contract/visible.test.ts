import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleJson } from './visible.ts';

/** No byte of C0, DEL or C1, no separator of lines, no mark of direction. */
const raw = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

describe('a text made visible', () => {
  it.each([
    ['\u001b[2J\u001b]0;owned\u0007', '\\x1b[2J\\x1b]0;owned\\x07'],
    ['a\nb\r\tc\0', 'a\\x0ab\\x0d\\x09c\\x00'],
    ['\u007f\u009b31m\u0085', '\\x7f\\x9b31m\\x85'],
    ['invoice\u202egnp.exe', 'invoice\\u202egnp.exe'],
    ['\u2066a\u2069\u200e\u200f\u061c', '\\u2066a\\u2069\\u200e\\u200f\\u061c'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['\ud800x\udc00', '\\ud800x\\udc00'],
    ['ze\u200bro\ufeff\u00ad', 'ze\\u200bro\\ufeff\\xad'],
    ['日本語 café 🍎 👩‍🔬 می‌خواهم עברית C:\\new', '日本語 café 🍎 👩‍🔬 می‌خواهم עברית C:\\new'],
  ])('%j is shown as %s', (given, shown) => {
    expect(visible(given)).toBe(shown);
  });

  it('holds nothing that a terminal obeys, whatever it was, and is the same when done again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(raw);
        expect(visible(visible(text))).toBe(visible(text));
      }),
    );
  });

  it('is still the same JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = visibleJson(JSON.stringify({ [text]: text }));
        expect(json).not.toMatch(raw);
        expect(JSON.parse(json)).toEqual({ [text]: text });
      }),
    );
  });
});
