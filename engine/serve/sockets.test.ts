import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromRpcError } from '#contract/rpc.ts';
import { type Served, serveStudio } from './index.ts';
import { socketLimits } from './sockets.ts';
import { inputs, makeWindow, served, streams } from './testing-studio.ts';
import * as client from './testing.ts';
import { clientOf, closed, type LetIn, logIn } from './testing.ts';

const { rendererFolder, remove } = makeWindow();
let server: Served;
let browser: LetIn;
const ownSocket = () => client.ownSocket(server, browser);

beforeAll(async () => {
  server = await serveStudio(served, { rendererFolder });
  browser = await logIn(server);
});
afterAll(async () => {
  await server.close();
  remove();
});
beforeEach(() => void (inputs.length = 0));

describe('commands over the socket', () => {
  it('answers, with errors in the one shape', async () => {
    const socket = await ownSocket();
    const studio = clientOf(socket);
    expect(await studio.studio.recent()).toEqual([{ name: 'P', path: '/p', openedAt: 'now' }]);
    const error = await studio.items.get({ itemId: 5 }).then(() => null, fromRpcError);
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

  it('drops a client that no longer answers, and goes on for the others', async () => {
    const limits = { ...socketLimits, heartbeatMilliseconds: 200 };
    const own = await serveStudio(served, { rendererFolder, limits });
    const person = await logIn(own);
    const slow = await client.ownSocket(own, person);
    const gone = closed(slow);
    slow.send('{"i":"9","p":{"u":"/studio/events","b":{}}}');
    await new Promise((resolve) => slow.once('message', resolve));
    const before = streams.left;
    slow.pause();
    const other = await client.ownSocket(own, person);
    expect(await clientOf(other).studio.recent()).toHaveLength(1);
    await expect.poll(() => streams.left, { timeout: 30_000 }).toBe(before + 1);
    slow.resume();
    expect(await gone).toBe(1006);
    const next = await client.ownSocket(own, person);
    expect(await clientOf(next).studio.recent()).toHaveLength(1);
    await own.close();
  });

  it('makes a slow client wait for events, and keeps none of those in between', async () => {
    const slow = await ownSocket();
    slow.send('{"i":"9","p":{"u":"/studio/events","b":{}}}');
    await new Promise((resolve) => slow.once('message', resolve));
    slow.pause();
    // What the system itself buffers is taken; then the stream is asked for no more.
    let asked = -1;
    await expect
      .poll(
        () => {
          const still = asked === streams.told;
          asked = streams.told;
          return still;
        },
        { interval: 200, timeout: 20_000 },
      )
      .toBe(true);
    expect(streams.told).toBeLessThan(60);
    // It was not dropped for being slow, and goes on where it reads again.
    const answered = new Promise((resolve) =>
      slow.on('message', (data: Buffer) => data.includes('"i":"10"') && resolve('answered')),
    );
    slow.send('{"i":"10","p":{"u":"/studio/recent","b":{}}}');
    slow.resume();
    expect(await Promise.race([answered, closed(slow)])).toBe('answered');
    slow.terminate();
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
