import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { implement } from '@orpc/server';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { commands } from '#contract/commands.ts';
import { AtelierError } from '#contract/errors.ts';
import type { ResourceRequest } from '#contract/resources.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import { type Served, serveStudio } from './index.ts';
import { socketLimits } from './sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-serve-'));
const rendererFolder = join(folder, 'renderer');
const asked: ResourceRequest[] = [];
let inputs: unknown[] = [];

const studio = implement(commands);
const router = {
  studio: {
    recent: studio.studio.recent.handler(() => [{ name: 'P', path: '/p', openedAt: 'now' }]),
    events: studio.studio.events.handler(async function* () {
      const reason = 'x'.repeat(1024 * 1024);
      for (;;) {
        yield {
          event: 'job.changed' as const,
          job: {
            id: 'j',
            kind: 'import' as const,
            title: reason,
            state: 'running' as const,
            runId: null,
            studyId: null,
            error: null,
            progress: { done: 0, total: null, unit: 'files', secondsLeft: null },
          },
        };
        await new Promise((resolve) => setImmediate(resolve));
      }
    }),
  },
  items: {
    get: studio.items.get.handler(({ input }) => {
      inputs.push(input);
      throw new AtelierError('NOT_FOUND', 'No such item.', { itemId: input.itemId });
    }),
  },
};
const served = {
  router,
  resources: async (request: ResourceRequest) => {
    asked.push(request);
    if (request.path === '/images/items/1/full') {
      return { status: 200, headers: { 'content-type': 'image/png' }, body: Buffer.from('png') };
    }
    if (request.path === '/uploads') {
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(`{"bytes":${request.body?.length}}`),
      };
    }
    throw new AtelierError('NOT_FOUND', 'Nothing here.');
  },
};

let server: Served;
let cookie: string;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Plain HTTP, so that every header is ours to forge. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, method, headers },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: String(Buffer.concat(parts)),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function logIn(): Promise<string> {
  const url = new URL(server.freshUrl());
  const { headers } = await ask(url.pathname + url.search);
  return String(headers['set-cookie']).split(';')[0]!;
}

const origin = () => `http://127.0.0.1:${server.port}`;

function openSocket(headers: Record<string, string>, path = '/rpc'): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}
const ownSocket = () => openSocket({ cookie, origin: origin() });
const clientOf = (socket: WebSocket): StudioClient =>
  createORPCClient(new RPCLink({ websocket: socket as never }));
const closed = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.once('close', resolve));

beforeAll(async () => {
  mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
  writeFileSync(join(rendererFolder, 'index.html'), '<!doctype html><title>Atelier</title>');
  writeFileSync(join(rendererFolder, 'assets', 'index-1.js'), 'export {};');
  writeFileSync(join(folder, 'secret.json'), '{"secret":true}');
  symlinkSync(join(folder, 'secret.json'), join(rendererFolder, 'link.json'));
  server = await serveStudio(served, {
    rendererFolder,
    uploadLimit: 1000,
    limits: { ...socketLimits, backlog: 2 * 1024 * 1024 },
  });
  cookie = await logIn();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked.length = 0;
  inputs = [];
});

describe('letting in', () => {
  it('turns a one-time address into a strict cookie, once', async () => {
    const url = new URL(server.freshUrl());
    expect(url.searchParams.get('token')).toMatch(/^[\w-]{43}$/);
    const first = await ask(url.pathname + url.search);
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']![0]).toMatch(
      /^atelier-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.headers['referrer-policy']).toBe('no-referrer');
    const second = await ask(url.pathname + url.search);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect((await ask(url.pathname + url.search, { cookie })).status).toBe(200);
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
  ])('refuses %s without a cookie, with a page that says what to do', async (path) => {
    const { status, body, headers } = await ask(path);
    expect(status).toBe(403);
    expect(headers['content-type']).toContain('text/html');
    expect(body).toMatch(/terminal/);
    expect(asked).toEqual([]);
  });

  it("refuses a wrong cookie, a cookie given twice, and another port's", async () => {
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

  it('has no icon for a browser that asks by itself, which is no fault', async () => {
    const { status, body, headers } = await ask('/favicon.ico');
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(headers['content-length']).toBeUndefined();
    expect((await ask('/favicon.ico', { host: 'elsewhere.example' })).status).toBe(403);
  });
});

describe('other websites', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example', '[::1]'])(
    'refuses Host %s (DNS rebinding)',
    async (host) => expect((await ask('/', { cookie, host })).status).toBe(403),
  );

  it('refuses a request from a page that is not ours', async () => {
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await ask('/images/items/1/full', { cookie, ...headers } as never)).status).toBe(403);
    }
    expect((await ask('/images/items/1/full', { cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('asks for our Origin on every upload', async () => {
    expect((await ask('/uploads', { cookie }, 'POST', Buffer.from('abc'))).status).toBe(403);
    const answer = await ask('/uploads', { cookie, origin: origin() }, 'POST', Buffer.from('abc'));
    expect(answer).toMatchObject({ status: 200, body: '{"bytes":3}' });
  });

  it.each([
    ['no cookie', () => ({ origin: origin() })],
    ['no origin', () => ({ cookie })],
    ['a foreign origin', () => ({ cookie, origin: 'http://evil.example' })],
    ['a foreign host', () => ({ cookie, origin: 'http://evil.example', host: 'evil.example' })],
    ['the scheme changed', () => ({ cookie, origin: `https://127.0.0.1:${server.port}` })],
  ])('refuses a WebSocket with %s', async (_name, headers) => {
    await expect(openSocket(headers() as never)).rejects.toThrow('403');
  });

  it('has no WebSocket elsewhere', async () => {
    await expect(openSocket({ cookie, origin: origin() }, '/')).rejects.toThrow('404');
  });
});

describe('pages and bytes', () => {
  it('sends the window with a policy that allows its own files and its own socket only', async () => {
    const { status, headers, body } = await ask('/', { cookie });
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
    const { headers } = await ask('/images/items/1/full?x=1', { cookie });
    expect(headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain('sandbox');
    expect(asked[0]).toMatchObject({ method: 'GET', path: '/images/items/1/full', body: null });
    expect(asked[0]!.headers.cookie).toBeUndefined();
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
    const { status, body } = await ask(path, { cookie });
    expect(status).toBe(404);
    expect(body).not.toContain('secret":true');
  });

  it('refuses other methods and uploads beyond the limit', async () => {
    expect((await ask('/', { cookie }, 'DELETE')).status).toBe(405);
    expect((await ask('/uploads', { cookie, origin: origin() }, 'POST', Buffer.alloc(1001))).status).toBe(
      413,
    );
    const chunked = { cookie, origin: origin(), 'transfer-encoding': 'chunked' };
    expect((await ask('/uploads', chunked, 'POST', Buffer.alloc(1001))).status).toBe(413);
    expect(asked).toEqual([]);
  });

  it('outlives a torn request line', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.resume();
    socket.end('GET / HTTP/1.1\r\nHost: a\r\nHost');
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await ask('/', { cookie })).status).toBe(200);
  });
});

describe('commands over the socket', () => {
  it('answers, with errors in the one shape', async () => {
    const socket = await ownSocket();
    const client = clientOf(socket);
    expect(await client.studio.recent()).toEqual([{ name: 'P', path: '/p', openedAt: 'now' }]);
    const error = await client.items.get({ itemId: 5 }).then(() => null, fromRpcError);
    expect(error?.toWire()).toEqual({ code: 'NOT_FOUND', message: 'No such item.', details: { itemId: 5 } });
    socket.terminate();
  });

  it.each([
    ['bad JSON', '{"i":', 1007],
    ['no message of ours', '[]', 1007],
    ['null', 'null', 1007],
    ['a binary frame', Buffer.from([255, 1, 2]), 1003],
    ['a frame beyond 1 MiB', 'x'.repeat(1024 * 1024 + 1), 1009],
  ])('closes the connection on %s, and serves the next', async (_name, frame, code) => {
    const socket = await ownSocket();
    socket.send(frame);
    expect(await closed(socket)).toBe(code);
    const next = await ownSocket();
    await clientOf(next).studio.recent();
    next.terminate();
  });

  it('keeps __proto__ keys out of prototypes and of commands', async () => {
    const socket = await ownSocket();
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(String(data)));
    socket.send('{"i":"1","p":{"u":"/items/get","b":{"json":{"itemId":5,"__proto__":{"polluted":1}}}}}');
    socket.send(
      '{"i":"2","p":{"u":"/items/get","b":{"json":{"itemId":5},"meta":[[5,"__proto__","polluted"]]}}}',
    );
    socket.send('{"i":"3","p":{"u":"/__proto__/get","b":{"json":{}}}}');
    socket.send('{"i":"4","__proto__":{"t":3},"p":{"u":"/constructor","b":{"json":{}}}}');
    await expect.poll(() => answers.length).toBe(4);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(inputs).toEqual([{ itemId: 5 }]);
    expect(Object.keys(inputs[0] as object)).toEqual(['itemId']);
    expect((inputs[0] as { polluted?: unknown }).polluted).toBeUndefined();
    socket.terminate();
  });

  it('drops a client that does not read, and goes on for the others', async () => {
    const slow = await ownSocket();
    const gone = closed(slow);
    slow.send('{"i":"9","p":{"u":"/studio/events","b":{}}}');
    await new Promise((resolve) => slow.once('message', resolve));
    slow.pause();
    const other = await ownSocket();
    expect(await clientOf(other).studio.recent()).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    slow.resume();
    expect(await gone).toBe(1006);
    expect(await clientOf(other).studio.recent()).toHaveLength(1);
    other.terminate();
  });

  it('compresses nothing', async () => {
    const socket = await ownSocket();
    expect(socket.extensions).toBe('');
    socket.terminate();
  });
});

describe('where it listens', () => {
  it('refuses another host without the flag, and says what to do', async () => {
    await expect(serveStudio(served, { rendererFolder, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('--insecure-host'),
    });
  });

  it('says that a port is taken', async () => {
    await expect(serveStudio(served, { rendererFolder, port: server.port })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`Port ${server.port} is not free`),
    });
  });

  it('closes with clients still connected', async () => {
    const own = await serveStudio(served, { rendererFolder });
    const url = new URL(own.url);
    expect(url.hostname).toBe('127.0.0.1');
    const socket = connect(own.port, '127.0.0.1');
    await new Promise((resolve) => socket.on('connect', resolve));
    socket.on('error', () => {});
    await own.close();
    socket.destroy();
  });
});
