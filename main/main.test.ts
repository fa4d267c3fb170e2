import type { MenuItemConstructorOptions } from 'electron';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { menuCommands } from '#contract/menu.ts';
import type { ResourceRequest } from '#contract/resources.ts';
import { contentSecurityPolicy } from '#engine/serve/policy.ts';
import { parseArguments } from './arguments.ts';
import { menuTemplate } from './menu.ts';
import { answerPage } from './pages.ts';
import { isExportAddress, isExternalLink, isOwnAddress, isOwnDrawing, originOf } from './security.ts';
import { checkMessage, isOwnSender } from './sender.ts';

const home = 'app://atelier/index.html';

describe('origins', () => {
  it.each([home, 'app://atelier', 'app://atelier/#/train', 'APP://atelier/x'])(
    'takes %s for our own',
    (address) => {
      expect(isOwnAddress(address)).toBe(true);
    },
  );

  it.each([
    '',
    'about:blank',
    'data:text/html,x',
    'file:///etc/passwd',
    'http://atelier/',
    'app://evil/',
    'app://atelier.evil/',
    'app://atelier@evil/',
    'app://atelier:1/',
    'app:atelier',
    'blob:app://atelier/1',
    'javascript:alert(1)',
    'xapp://atelier/',
  ])('refuses %s', (address) => {
    expect(isOwnAddress(address)).toBe(false);
  });

  it('never takes an arbitrary text for our origin', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (address) => {
        expect(originOf(address)).not.toBe('app://atelier');
      }),
    );
  });

  it('opens no link that is not on the list, however it looks', () => {
    expect(isExternalLink('https://onnx.ai/')).toBe(true);
    for (const link of [
      'https://onnx.ai/?x',
      'https://onnx.ai.evil.example/',
      'http://onnx.ai/',
      'file:///etc/passwd',
    ]) {
      expect(isExternalLink(link)).toBe(false);
    }
  });
});

describe('downloads', () => {
  it('are pictures and tables that the page made, of no other kind and no other page’s', () => {
    expect(isOwnDrawing('blob:app://atelier/1-2', 'image/png')).toBe(true);
    expect(isOwnDrawing('blob:app://atelier/1-2', 'text/csv')).toBe(true);
    expect(isOwnDrawing('blob:app://atelier/1-2', 'application/x-msdownload')).toBe(false);
    expect(isOwnDrawing('blob:app://atelier.evil/1-2', 'image/png')).toBe(false);
    expect(isOwnDrawing('blob:https://evil.example/1-2', 'image/png')).toBe(false);
  });

  it('are exports of our own and nothing else', () => {
    expect(isExportAddress('app://atelier/exports/a-1.zip')).toBe(true);
    for (const address of [
      'app://atelier/images/items/1/full',
      'app://atelier/exports/../x.zip',
      'app://atelier.evil/exports/a.zip',
      'https://evil.example/exports/a.zip',
      'data:application/zip,x',
      'blob:app://atelier/exports/a.zip',
    ]) {
      expect(isExportAddress(address)).toBe(false);
    }
  });
});

describe('messages from pages', () => {
  const own = { url: home, origin: 'app://atelier', isMainFrame: true };

  it('believes the main frame of our page only', () => {
    expect(isOwnSender(own)).toBe(true);
    expect(isOwnSender({ ...own, origin: undefined })).toBe(true);
    expect(isOwnSender(null)).toBe(false);
    expect(isOwnSender({ ...own, isMainFrame: false })).toBe(false);
    expect(isOwnSender({ ...own, url: '' })).toBe(false);
    expect(isOwnSender({ ...own, origin: '' })).toBe(false);
    expect(isOwnSender({ ...own, origin: 'null' })).toBe(false);
    expect(isOwnSender({ ...own, url: 'https://evil.example' })).toBe(false);
  });

  it('checks the schema, and the number of arguments', () => {
    const schema = z.string().max(3);
    expect(checkMessage(own, schema, ['abc'])).toBe('abc');
    for (const args of [[], ['abcd'], [1], [{ __proto__: null }], ['abc', 'extra']]) {
      expect(() => checkMessage(own, schema, args)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    }
    expect(() => checkMessage({ ...own, url: 'https://evil.example' }, schema, ['abc'])).toThrow(
      'Expected a message from app://atelier, received one from https://evil.example.',
    );
  });
});

describe('app:// pages', () => {
  const files = new Map([
    [
      '/index.html',
      { contentType: 'text/html', body: Buffer.from('<title>Atelier</title>'), immutable: false },
    ],
  ]);
  const asked: ResourceRequest[] = [];
  const ask = (url: string, method = 'GET', body: Uint8Array | null = null) =>
    answerPage({ url, method, headers: {}, body: async () => body }, files, async (request) => {
      asked.push(request);
      if (request.path === '/images/items/1/full') {
        return { status: 200, headers: { 'content-type': 'image/png' }, body: Buffer.from('png') };
      }
      if (request.path === '/images/broken') throw new TypeError('no');
      throw new AtelierError('NOT_FOUND', 'No such image.');
    });

  it('sends the window with the policy, and without a socket to anywhere', async () => {
    const { status, headers } = await ask(home);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe(contentSecurityPolicy());
    expect(headers['content-security-policy']).toContain("connect-src 'self';");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:|ws:|data:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('asks the studio for images and labels, and hands uploads on', async () => {
    await ask('app://atelier/labels/labels.csv');
    expect(asked.at(-1)).toMatchObject({ method: 'GET', path: '/labels/labels.csv' });
    expect(await ask('app://atelier/images/items/1/full?v=2')).toMatchObject({ status: 200 });
    await ask('app://atelier/uploads', 'POST', Buffer.from('abc'));
    expect(asked.at(-1)).toMatchObject({ method: 'POST', path: '/uploads', body: Buffer.from('abc') });
  });

  it('answers failures of the studio, and never throws', async () => {
    expect(await ask('app://atelier/images/items/9/full')).toMatchObject({ status: 404 });
    expect(await ask('app://atelier/images/broken')).toMatchObject({ status: 500 });
  });

  it.each([
    'app://evil/index.html',
    'app://atelier/../index.js',
    'app://atelier/%2e%2e/%2e%2e/etc/passwd',
    'app://atelier/imagesecret',
    'app://atelier/assets/..%2f..%2fpackage.json',
    'app://atelier//etc/passwd',
    'app://atelier/__proto__',
    'file:///etc/passwd',
    'not an address',
  ])('finds nothing at %s, and asks nobody', async (url) => {
    asked.length = 0;
    expect(await ask(url)).toMatchObject({ status: 404 });
    expect(asked).toEqual([]);
  });

  it('takes no other methods', async () => {
    expect(await ask(home, 'PUT')).toMatchObject({ status: 404 });
    expect(await ask('app://atelier/images/items/1/full', 'DELETE')).toMatchObject({ status: 404 });
  });
});

describe('arguments', () => {
  it.each([
    [['electron', 'out/main/index.cjs'], null, false],
    [
      ['electron', '--no-sandbox', '--remote-debugging-port=0', 'out/main/index.cjs', 'P.atelier'],
      '/here/P.atelier',
      false,
    ],
    [['atelier', '/data/My Project.atelier/'], '/data/My Project.atelier', false],
    [['electron', '.', '--sample'], null, true],
    [['electron', '.', '--user-data-dir=/x.atelier'], null, false],
  ])('reads %j', (argv, openProject, sample) => {
    expect(parseArguments(argv, '/here')).toEqual({ openProject, sample });
  });
});

describe('the application menu', () => {
  const flat = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

  it.each([true, false])('has each command of the contract once, and sends its id (macOS: %s)', (onMac) => {
    const sent: string[] = [];
    const items = flat(menuTemplate((id) => void sent.push(id), { onMac, packaged: true }));
    for (const { click } of items) (click as (() => void) | undefined)?.();
    expect(sent.sort()).toEqual(Object.keys(menuCommands).sort());
  });

  it('shows shortcuts as the system writes them, and leaves the keys to the window', () => {
    const items = flat(menuTemplate(() => {}, { onMac: false, packaged: true }));
    const keyed = items.filter(({ accelerator }) => accelerator !== undefined);
    expect(keyed.every(({ registerAccelerator }) => registerAccelerator === false)).toBe(true);
    expect(keyed.map(({ accelerator }) => accelerator)).toEqual(
      expect.arrayContaining(['CmdOrCtrl+O', 'CmdOrCtrl+K', 'Alt+1']),
    );
    expect(items.find(({ label }) => label === 'Keyboard shortcuts')!.accelerator).toBeUndefined();
  });
});
