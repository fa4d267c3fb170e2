import { createRouterClient, implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { AtelierError } from './errors.ts';
import { fromRpcError, oneErrorShape, rpcError, type StudioClient } from './rpc.ts';

const studio = implement(commands);
const router = {
  studio: {
    recent: studio.studio.recent.handler(() => [{ name: 'a', path: '/a', openedAt: 'now' }]),
    about: studio.studio.about.handler(() => ({ broken: true }) as never),
    events: studio.studio.events.handler(async function* () {
      yield { event: 'run.deleted' as const, runId: 'r1' };
      throw new AtelierError('WORKER_DIED', 'The worker died.', { signal: 'SIGKILL' });
    }),
  },
  items: {
    list: studio.items.list.handler(() => ({ total: 0, items: [] })),
    get: studio.items.get.handler(({ input }) => {
      if (input.itemId === 1) throw new TypeError('x is not a function');
      throw new AtelierError('NOT_FOUND', 'No item 7.', { itemId: input.itemId });
    }),
  },
};

const ports: { close(): void }[] = [];
afterEach(() => ports.splice(0).forEach((port) => port.close()));

function overPort(): StudioClient {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  new RPCHandler(router, { clientInterceptors: [oneErrorShape] }).upgrade(port1);
  return createORPCClient(new RPCLink({ port: port2 as never }));
}
const inProcess = (): StudioClient => createRouterClient(router, { interceptors: [oneErrorShape] }) as never;

const failure = (call: Promise<unknown>): Promise<AtelierError> =>
  call.then(() => Promise.reject(new Error('the call did not fail')), fromRpcError);

describe.each([
  ['over a port', overPort],
  ['in process', inProcess],
])('the one error shape, %s', (_name, connect) => {
  it('keeps code, message and details', async () => {
    const error = await failure(connect().items.get({ itemId: 7 }));
    expect(error).toBeInstanceOf(AtelierError);
    expect(error.toWire()).toEqual({ code: 'NOT_FOUND', message: 'No item 7.', details: { itemId: 7 } });
  });

  it('names the field that its schema refused', async () => {
    const error = await failure(connect().items.list({ filter: {}, offset: -1, limit: 5000 }));
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.message).toMatch(/offset: .*; limit: .*1000/);
    expect(error.details.issues).toHaveLength(2);
  });

  it('calls a fault of ours a fault of ours', async () => {
    expect(await failure(connect().items.get({ itemId: 1 }))).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('x is not a function'),
    });
    expect((await failure(connect().studio.about())).code).toBe('INTERNAL');
  });

  it('ends a stream with the error it threw', async () => {
    const seen: string[] = [];
    const error = await failure(
      (async () => {
        for await (const event of await connect().studio.events()) seen.push(event.event);
      })(),
    );
    expect(seen).toEqual(['run.deleted']);
    expect(error.toWire()).toEqual({
      code: 'WORKER_DIED',
      message: 'The worker died.',
      details: { signal: 'SIGKILL' },
    });
  });
});

describe('transport failures', () => {
  it('rejects what is pending when the port closes, as CONNECTION_LOST', async () => {
    const { port1, port2 } = new MessageChannel();
    const client: StudioClient = createORPCClient(new RPCLink({ port: port2 as never }));
    const pending = failure(client.studio.recent());
    port1.close();
    expect((await pending).code).toBe('CONNECTION_LOST');
  });

  it('tells a cancelled call from a lost one', async () => {
    const abort = new AbortController();
    const pending = failure(overPort().studio.recent(undefined, { signal: abort.signal }));
    abort.abort();
    expect((await pending).code).toBe('CANCELLED');
  });

  it('says that a command is unknown', async () => {
    const client = overPort() as unknown as { studio: { selfDestruct(): Promise<unknown> } };
    expect((await failure(client.studio.selfDestruct())).code).toBe('NOT_FOUND');
  });

  it('leaves an error that has the shape already alone', () => {
    const once = rpcError(new AtelierError('USAGE', 'no'));
    expect(rpcError(once)).toBe(once);
  });
});
