/**
 * The real studio, served, and those who want in: a page of another site, another person's server on this machine that was
 * sent the cookie, and a client that was let in and asks for too much.
 */
import { createRouterClient } from '@orpc/server';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources, rpcPath, sessionPath, socketProtocol } from '#contract/resources.ts';
import { fromRpcError, oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { createStudio, type Studio } from '../studio.ts';
import { fillWithFashion } from '../testing.ts';
import { type Served, serveStudio } from './index.ts';
import { socketLimits } from './sockets.ts';
import { makeWindow } from './testing-studio.ts';
import {
  askPort,
  clientOf,
  closed,
  type LetIn,
  logIn,
  openSocket,
  originOf,
  ownSocket,
  sessionIn,
} from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-hostile-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');
const { rendererFolder, remove } = makeWindow();
const project = join(folder, 'P.atelier');
let studio: Studio;
let server: Served;
let person: LetIn;

beforeAll(async () => {
  studio = createStudio({ desktop: false, version: '0.0.0-test', allowedFolders: [folder] });
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  await client.project.create({ path: project });
  await client.project.close();
  await fillWithFashion(project);
  await client.project.open({ path: project });
  server = await serveStudio(studio, { rendererFolder });
  person = await logIn(server);
});
afterAll(async () => {
  await server.close();
  await studio.close();
  remove();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', body?: Buffer) =>
  askPort(server.port, path, headers, method, body);
/** All that a browser can be brought to ask for. */
const readable = [
  resources.item(1, 'thumbnail'),
  resources.item(1, 'full'),
  resources.sheet([1, 2]),
  resources.exported({ runId: 'run-1', format: 'bundle' }),
  sessionPath,
];
const keyed = (path: string) => `${path}?key=${person.page.key}`;

it('is there: whoever was let in sees an image and hears the studio', async () => {
  const image = await ask(keyed(resources.item(1, 'thumbnail')), person.own);
  expect([image.status, image.headers['content-type']]).toEqual([200, 'image/png']);
  const socket = await ownSocket(server, person);
  expect(socket.protocol).toBe(socketProtocol);
  expect(await clientOf(socket).project.current()).toMatchObject({ counts: { total: 2500 } });
  socket.terminate();
});

describe('a page of another site, in the browser of the person', () => {
  // The best case for the page: the browser sends the cookie, and the page has learned both secrets.
  const credentials = () => person.own;

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example', '[::1]'])(
    'gets nothing under the name %s (DNS rebinding)',
    async (host) => {
      for (const path of ['/', ...readable.map(keyed)])
        expect((await ask(path, { ...credentials(), host })).status).toBe(403);
    },
  );

  it('gets nothing under localhost, where another server may answer at ::1', async () => {
    expect((await ask('/', { ...credentials(), host: `localhost:${server.port}` })).status).toBe(403);
  });

  it.each([
    ['fetch', { origin: 'http://evil.example' }],
    ['fetch from a sandboxed frame or a file', { origin: 'null' }],
    ['fetch from another port', { origin: 'http://127.0.0.1:1' }],
    ['img, script or iframe', { 'sec-fetch-site': 'cross-site' }],
    ['img, script or iframe on another port', { 'sec-fetch-site': 'same-site' }],
  ])('reads nothing by %s', async (_name, headers) => {
    for (const path of readable.map(keyed))
      expect((await ask(path, { ...credentials(), ...headers } as never)).status).toBe(403);
  });

  it.each([
    ['a form', { origin: 'http://evil.example', 'content-type': 'text/plain' }],
    ['a form without an origin', {}],
    ['a form on another port', { origin: 'http://127.0.0.1:1' }],
  ])('posts nothing by %s', async (_name, headers) => {
    const body = Buffer.from('{"i":"1","p":{"u":"/project/close"}}');
    for (const path of ['/', rpcPath, resources.uploads, sessionPath, '/new-address'])
      expect((await ask(path, { ...credentials(), ...headers } as never, 'POST', body)).status).toBe(403);
  });

  it.each([
    ['a foreign origin', { origin: 'http://evil.example' }],
    ['no origin', {}],
    ['the scheme changed', { origin: `https://127.0.0.1` }],
    ['a foreign host', { origin: 'http://evil.example', host: 'evil.example' }],
  ])('opens no socket with %s', async (_name, headers) => {
    const protocols = [socketProtocol, `${socketProtocol}.${person.page.secret}`];
    await expect(
      openSocket(server.port, { cookie: person.cookie, ...headers } as never, protocols),
    ).rejects.toThrow('403');
  });

  it('cannot be framed, sniffed or read across origins', async () => {
    for (const path of ['/', keyed(resources.item(1, 'thumbnail'))]) {
      const { headers } = await ask(path, person.own);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe("another person's server on this machine, which the browser sends the cookie to", () => {
  /** The cookie as a server on another port receives it from a browser: cookies know no ports. */
  async function stolen(): Promise<string> {
    let received = '';
    const hostile = createServer((request, response) => {
      received = request.headers.cookie ?? '';
      response.end();
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    const { port } = hostile.address() as { port: number };
    await askPort(port, '/', { cookie: person.cookie });
    await new Promise((resolve) => hostile.close(resolve));
    return received;
  }

  it('is sent the cookie, and gets no image, no bundle, no upload, no session and no command with it', async () => {
    const cookie = await stolen();
    expect(cookie).toBe(person.cookie);
    const origin = originOf(server);
    const senders: Record<string, string>[] = [{}, { origin }, { origin, 'sec-fetch-site': 'same-origin' }];
    for (const from of senders) {
      for (const path of readable) {
        const { status, body } = await ask(path, { cookie, ...from });
        expect(status).toBe(403);
        expect(sessionIn(body)).toBeNull();
      }
      for (const path of [resources.uploads, sessionPath, '/new-address'])
        expect((await ask(path, { cookie, ...from }, 'POST', Buffer.from('x'))).status).toBe(403);
    }
    const guesses = [[], [socketProtocol], [socketProtocol, `${socketProtocol}.${cookie.split('=')[1]!}`]];
    for (const protocols of guesses)
      await expect(openSocket(server.port, { cookie, origin }, protocols)).rejects.toThrow('403');
  });

  it('reads no secret out of any page, and only files that everybody has', async () => {
    const cookie = await stolen();
    for (const path of ['/', '/open', '/open?token=x', '/assets/index-1.js', sessionPath]) {
      const { body, headers } = await ask(path, { cookie });
      expect(sessionIn(body)).toBeNull();
      for (const secret of [person.page.secret, person.page.key]) {
        expect(body).not.toContain(secret);
        expect(JSON.stringify(headers)).not.toContain(secret);
      }
    }
  });

  it('does not log the person out, nor keep a newcomer from its address', async () => {
    const cookie = await stolen();
    await ask(sessionPath, { cookie, origin: originOf(server) }, 'POST');
    expect((await ask(keyed(resources.item(1, 'thumbnail')), person.own)).status).toBe(200);
    expect((await logIn(server)).page.secret).not.toBe(person.page.secret);
  });
});

describe('a client that was let in and asks for too much', () => {
  const subscription = (id: number) => `{"i":"${id}","p":{"u":"/studio/events","b":{}}}`;

  it('has a few subscriptions, and hears why no more', async () => {
    const socket = await ownSocket(server, person);
    const client = clientOf(socket);
    const streams = [];
    for (let count = 0; count < socketLimits.subscriptions; count++)
      streams.push(await client.studio.events());
    const refused = await client.studio.events().then(() => null, fromRpcError);
    expect(refused?.toWire()).toMatchObject({
      code: 'TOO_MANY',
      details: { limit: socketLimits.subscriptions },
    });
    expect(refused?.message).toMatch(/at most 8 subscriptions at a time/);
    // One that ends makes room for the next.
    await streams[0]!.return?.(undefined);
    await expect
      .poll(() =>
        client.studio.events().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    socket.terminate();
  });

  it('is cut off where it goes on for ever, without anybody else waiting', async () => {
    const before = process.memoryUsage().rss;
    const hostile = await ownSocket(server, person);
    const gone = closed(hostile);
    hostile.on('error', () => undefined);
    let messages = 0;
    hostile.on('message', () => (messages += 1));
    for (let id = 0; id < 100_000; id++) hostile.send(subscription(id), () => undefined);
    const other = await ownSocket(server, person);
    const client = clientOf(other);
    const [first] = (await client.project.current())!.classes;
    expect((await client.classes.rename({ classId: first!.id, name: 'Renamed' })).classes[0]!.name).toBe(
      'Renamed',
    );
    await gone;
    expect(messages).toBeLessThan(2_000);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(300);
    await client.journal.undo();
    other.terminate();
  });

  it('opens so many sockets and no more, and another browser still gets one', async () => {
    const sockets = [];
    for (let count = 0; count < socketLimits.clientsOfSession; count++)
      sockets.push(await ownSocket(server, person));
    await expect(ownSocket(server, person)).rejects.toThrow('503');
    const other = await ownSocket(server, await logIn(server));
    expect(await clientOf(other).project.current()).not.toBeNull();
    for (const socket of [...sockets, other]) socket.terminate();
  });

  it.each([
    ['parts of a stream that no command takes', '{"i":"1","t":3,"p":{"e":"message","d":{}}}', 1007],
    [
      'a call that promises a stream',
      '{"i":"1","p":{"u":"/studio/events","h":{"content-type":"text/event-stream"}}}',
      1007,
    ],
    ['a call without a number', '{"p":{"u":"/studio/about"}}', 1007],
    ['a number of a megabyte', `{"i":"${'9'.repeat(1_000_000)}","p":{"u":"/studio/about"}}`, 1007],
    ['brackets without end', '['.repeat(1_000_000), 1007],
    ['an address that is none', '{"i":"1","p":{"u":"http://["}}', 1007],
  ])('is closed on %s', async (_name, message, code) => {
    const socket = await ownSocket(server, person);
    socket.send(message);
    expect(await closed(socket)).toBe(code);
  });

  it('is answered BAD_REQUEST for values as deep as a message can hold', async () => {
    const socket = await ownSocket(server, person);
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send(`{"i":"1","p":{"u":"/runs/start","b":{"json":{"recipe":${deep}}}}}`);
    expect(await answer).toMatch(/"code":"BAD_REQUEST"/);
    socket.terminate();
  });
});

describe('connections that are opened and left', () => {
  const open = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => undefined);
      // Half a request, and nothing more.
      socket.write('GET / HTTP/1.1\r\nHost: a');
    });

  it('256 and more of them keep nobody out, and none that is at work is given up for them', async () => {
    const working = await ownSocket(server, person);
    const halfOpen: Socket[] = [];
    for (let count = 0; count < 300; count++) halfOpen.push(await open());
    const image = await ask(keyed(resources.item(1, 'thumbnail')), person.own);
    expect(image.status).toBe(200);
    const newcomer = await logIn(server);
    const socket = await ownSocket(server, newcomer);
    expect(await clientOf(socket).project.current()).not.toBeNull();
    expect(await clientOf(working).project.current()).not.toBeNull();
    for (const each of halfOpen) each.destroy();
    socket.terminate();
    working.terminate();
  });
});
