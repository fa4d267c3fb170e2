import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sessionHeader } from '#contract/resources.ts';
import { type Served, serveStudio } from './index.ts';
import { asked, makeWindow, served } from './testing-studio.ts';
import * as client from './testing.ts';
import { closed, type LetIn, logIn } from './testing.ts';

const { rendererFolder, remove } = makeWindow();
let server: Served;
let browser: LetIn;

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', body?: Buffer) =>
  client.askPort(server.port, path, headers, method, body);
const image = (headers: Record<string, string>, key = browser.page.key) =>
  ask(`/images/items/1/full?key=${key}`, headers);
const origin = () => client.originOf(server);

beforeAll(async () => {
  server = await serveStudio(served, { rendererFolder, uploadLimit: 1000 });
  browser = await logIn(server);
});
afterAll(async () => {
  await server.close();
  remove();
});
beforeEach(() => void (asked.length = 0));

describe('letting in', () => {
  it('turns a one-time address into a strict cookie and a session for the page, once', async () => {
    const url = new URL(server.freshUrl());
    expect(url.searchParams.get('token')).toMatch(/^[\w-]{43}$/);
    const first = await ask(url.pathname + url.search);
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^atelier-\d+=[\w-]{43}; Max-Age=604800; HttpOnly; SameSite=Strict; Path=\/$/),
    ]);
    expect(client.sessionIn(first.body)).toEqual({
      secret: expect.stringMatching(/^[\w-]{43}$/) as string,
      key: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.headers['referrer-policy']).toBe('no-referrer');
    expect(first.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self' 'sha256-[\w+/]+='; style-src 'self' 'sha256-[\w+/]+=';/,
    );
    const second = await ask(url.pathname + url.search);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  it('opens a used address again for the browser that has it, and tells it no secret anew', async () => {
    const url = new URL(server.freshUrl());
    const address = url.pathname + url.search;
    const first = await ask(address);
    const cookie = (first.headers['set-cookie'] as string[])[0]!.split(';')[0]!;
    const again = await ask(address, { cookie });
    expect([again.status, client.sessionIn(again.body)]).toEqual([200, null]);
    const { secret, key } = client.sessionIn(first.body)!;
    expect(again.body).not.toContain(secret);
    expect(again.body).not.toContain(key);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  it('keeps the session of a browser that opens a fresh address, so that its other tabs go on', async () => {
    const again = await logIn(server, { cookie: browser.cookie });
    expect(again).toEqual(browser);
    const another = await logIn(server);
    expect(another.cookie).not.toBe(browser.cookie);
    expect(another.page.secret).not.toBe(browser.page.secret);
  });

  it('voids an address when a fresh one is made, and HEAD does not use it up', async () => {
    const [old, fresh] = [new URL(server.freshUrl()), new URL(server.freshUrl())];
    expect((await ask(old.pathname + old.search)).status).toBe(403);
    expect((await ask(fresh.pathname + fresh.search, {}, 'HEAD')).status).toBe(403);
    expect((await ask(fresh.pathname + fresh.search)).status).toBe(200);
  });

  it.each([
    '/',
    '/assets/index-1.js',
    '/images/items/1/full',
    '/open',
    '/open?token=',
    '/open?token=' + 'A'.repeat(43),
    '/session',
  ])('refuses %s without a cookie, with a page that says what to do', async (path) => {
    const { status, body, headers } = await ask(path);
    expect(status).toBe(403);
    expect(headers['content-type']).toContain('text/html');
    expect(body).toMatch(/terminal/);
    expect(body).toMatch(/atelier serve --new-address/);
    expect(asked).toEqual([]);
  });

  it("refuses a wrong cookie, a cookie given twice, and another port's", async () => {
    const { cookie } = browser;
    const [name, value] = cookie.split('=') as [string, string];
    for (const wrong of [
      `${name}=${'A'.repeat(43)}`,
      `${name}=`,
      `${cookie}; ${name}=x`,
      `atelier-1=${value}`,
    ]) {
      expect((await ask('/', { cookie: wrong })).status).toBe(403);
    }
    expect((await ask('/', { cookie: `other=1; ${cookie}` })).status).toBe(200);
  });

  it('opens nothing by a cookie without its secret, by a secret without its cookie, or by those of two browsers', async () => {
    const other = await logIn(server);
    const { cookie, own, page } = browser;
    const header = (secret: string) => ({ [sessionHeader]: secret });
    for (const [headers, key] of [
      [{ cookie }, ''],
      [{ cookie }, page.secret],
      [{ cookie }, other.page.key],
      [{}, page.key],
      [header(page.secret), page.key],
      [header(page.secret), ''],
      [{ cookie, ...header(page.key) }, ''],
      [{ cookie, ...header(other.page.secret) }, ''],
    ] as const) {
      expect((await image(headers, key)).status).toBe(403);
    }
    for (const headers of [{ cookie }, header(page.secret), { cookie, ...header(page.key) }]) {
      const body = Buffer.from('abc');
      // The key opens no upload either.
      const path = `/uploads?key=${page.key}`;
      expect((await ask(path, { ...headers, origin: origin() }, 'POST', body)).status).toBe(403);
      expect((await ask('/session', { ...headers, origin: origin() }, 'POST')).status).toBe(403);
      expect((await ask('/session', headers)).status).toBe(403);
    }
    expect(asked).toEqual([]);
    expect((await image({ cookie })).status).toBe(200);
    expect((await image(own, '')).status).toBe(200);
    expect((await ask('/session', own)).status).toBe(204);
  });

  it('lets a browser out: its cookie and secrets open nothing from then on, and its sockets are closed', async () => {
    const leaving = await logIn(server);
    const socket = await client.ownSocket(server, leaving);
    const gone = closed(socket);
    const answer = await ask('/session', { ...leaving.own, origin: origin() }, 'POST');
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^atelier-\d+=; Max-Age=0; /) as string,
    ]);
    expect(await gone).toBe(1006);
    expect((await ask('/', leaving.own)).status).toBe(403);
    expect((await image(leaving.own, leaving.page.key)).status).toBe(403);
    await expect(client.ownSocket(server, leaving)).rejects.toThrow('403');
    expect((await image(browser.own)).status).toBe(200);
  });

  it('removes cookies that studios of other ports left behind long ago, and leaves the latest', async () => {
    const url = new URL(server.freshUrl());
    const cookie = ['x=1', ...Array.from({ length: 11 }, (_, index) => `atelier-${index + 1}=old`)].join(
      '; ',
    );
    const { headers } = await ask(url.pathname + url.search, { cookie });
    const set = headers['set-cookie'] as string[];
    expect(set.map((text) => text.split('=')[0])).toEqual([
      'atelier-1',
      'atelier-2',
      'atelier-3',
      `atelier-${server.port}`,
    ]);
  });

  it('has no icon for a browser that asks by itself, which is no fault', async () => {
    const { status, body, headers } = await ask('/favicon.ico');
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(headers['content-length']).toBeUndefined();
    expect((await ask('/favicon.ico', { host: 'elsewhere.example' })).status).toBe(403);
  });
});

describe('pages and bytes', () => {
  it('sends the window with a policy that allows its own files and its own socket only', async () => {
    const { status, headers, body } = await ask('/', browser.own);
    expect(status).toBe(200);
    expect(body).toContain('<title>Atelier</title>');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
        `connect-src 'self' ws://127.0.0.1:${server.port}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'`,
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('sandboxes what the studio sends, and hides the cookie from it', async () => {
    const { headers } = await ask('/images/items/1/full?x=1', browser.own);
    expect(headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain('sandbox');
    expect(asked[0]).toMatchObject({ method: 'GET', path: '/images/items/1/full', body: null });
    expect(asked[0]!.headers).not.toHaveProperty('cookie');
    expect(asked[0]!.headers).not.toHaveProperty(sessionHeader);
  });

  it.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/..\\..\\secret.json',
    '/link.json',
    '//evil.example/secret.json',
    '/assets/%00',
    '/__proto__',
    '/constructor',
  ])('does not find %s', async (path) => {
    const { status, body } = await ask(path, browser.own);
    expect(status).toBe(404);
    expect(body).not.toContain('secret":true');
  });

  it('refuses other methods and uploads beyond the limit', async () => {
    expect((await ask('/', browser.own, 'DELETE')).status).toBe(405);
    expect(
      (await ask('/uploads', { ...browser.own, origin: origin() }, 'POST', Buffer.alloc(1001))).status,
    ).toBe(413);
    const chunked = { ...browser.own, origin: origin(), 'transfer-encoding': 'chunked' };
    expect((await ask('/uploads', chunked, 'POST', Buffer.alloc(1001))).status).toBe(413);
    expect(asked).toEqual([]);
  });

  it('outlives a torn request line', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.resume();
    socket.end('GET / HTTP/1.1\r\nHost: a\r\nHost');
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await ask('/', browser.own)).status).toBe(200);
  });
});
