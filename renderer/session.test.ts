import { afterEach, describe, expect, it, vi } from 'vitest';
import { sessionHeader, sessionStorageName } from '#contract/resources.ts';
import { addressOf, readSession, sessionHeaders, socketProtocols } from './session.ts';

const keep = (kept: string | null) => {
  vi.stubGlobal('window', {
    localStorage: { getItem: (name: string) => (name === sessionStorageName ? kept : null) },
  });
  return readSession();
};
afterEach(() => {
  vi.unstubAllGlobals();
  readSession();
});

describe('the session of this page', () => {
  it('goes with each request in its own way', () => {
    keep('{"secret":"s","key":"k"}');
    expect(addressOf('/images/items/1/full')).toBe('/images/items/1/full?key=k');
    expect(addressOf('/images/items/1/full?project=p')).toBe('/images/items/1/full?project=p&key=k');
    expect(sessionHeaders()).toEqual({ [sessionHeader]: 's' });
    expect(socketProtocols()).toEqual(['atelier', 'atelier.s']);
  });

  it('goes to no address but the studio’s own', () => {
    keep('{"secret":"s","key":"k"}');
    for (const address of ['', 'blob:http://127.0.0.1/1', 'data:image/png,x', 'https://elsewhere.example/x'])
      expect(addressOf(address)).toBe(address);
  });

  it.each([null, '', 'x', '{}', '{"secret":1}', '[]'])(
    'is none where %j is kept: addresses stay as they are',
    (kept) => {
      expect(keep(kept)).toBeNull();
      expect(addressOf('/images/items/1/full')).toBe('/images/items/1/full');
      expect([sessionHeaders(), socketProtocols()]).toEqual([{}, ['atelier']]);
    },
  );
});

it('is asked for every image and every download of the window', () => {
  const files = import.meta.glob<string>('./**/*.svelte', { query: '?raw', import: 'default', eager: true });
  let looked = 0;
  const without = Object.entries(files).flatMap(([name, text]) => {
    const tags = text.match(/<(img|a)\b[^>]*?(src|download)=?[^]*?>/g) ?? [];
    looked += tags.length;
    return tags
      .filter((tag) => tag.startsWith('<img') || tag.includes('download'))
      .filter((tag) => !/(src|href)=\{addressOf\(/.test(tag))
      .map((tag) => `${name}: ${tag}`);
  });
  expect(without).toEqual([]);
  expect(looked).toBeGreaterThan(5);
});
