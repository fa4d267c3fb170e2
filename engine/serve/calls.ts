/**
 * What one socket may ask for at a time. Beyond the limits a call is answered with TOO_MANY; who goes on all the same is
 * cut off. Each socket has its own, so nobody pays for another's.
 */
import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/websocket';
import { AtelierError } from '#contract/errors.ts';
import { oneErrorShape } from '#contract/rpc.ts';
import { allowedInput } from '../paths.ts';

export interface CallLimits {
  /** Calls that are not answered yet. */
  calls: number;
  /** Streams of events. */
  subscriptions: number;
  /** Calls refused for their number, after which the socket is closed. */
  refusals: number;
}

type Handler = RPCHandler<Record<never, never>>;

interface SocketCalls {
  handler: Handler;
  /** Calls refused so far for their number. */
  refused(): number;
}

/**
 * The commands for one socket.
 * @param allowedFolders folders that its client may name paths in; null: any
 */
export function callsOfSocket(
  router: AnyRouter,
  limits: CallLimits,
  allowedFolders: readonly string[] | null,
): SocketCalls {
  let [calls, subscriptions, refusals] = [0, 0, 0];
  const refuse = (what: string, most: number): never => {
    refusals += 1;
    throw new AtelierError(
      'TOO_MANY',
      `Expected at most ${most} ${what} at a time on one connection, received one more. Wait for an answer before the next, or reload the window.`,
      { limit: most },
    );
  };
  const handler: Handler = new RPCHandler(router, {
    clientInterceptors: [
      oneErrorShape,
      async ({ next }) => {
        if (calls >= limits.calls) return refuse('calls', limits.calls);
        calls += 1;
        try {
          const output = await next();
          if (!isStream(output)) return output;
          if (subscriptions >= limits.subscriptions) {
            await output.return?.(undefined);
            return refuse('subscriptions', limits.subscriptions);
          }
          subscriptions += 1;
          return onceEnded(output, () => (subscriptions -= 1));
        } finally {
          calls -= 1;
        }
      },
      async ({ next, ...options }) =>
        next(
          allowedFolders === null
            ? options
            : { ...options, input: allowedInput(options.path, options.input, allowedFolders) },
        ),
    ],
  });
  return { handler, refused: () => refusals };
}

type Stream = AsyncIterator<unknown, unknown, undefined>;

const isStream = (value: unknown): value is Stream =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** The same stream; `ended` is called once, whether it ends, fails or is left. */
function onceEnded(stream: Stream, ended: () => void): AsyncIterableIterator<unknown> {
  let open = true;
  const end = () => {
    if (open) ended();
    open = false;
  };
  const passOn = async (result: Promise<IteratorResult<unknown>>) => {
    try {
      const step = await result;
      if (step.done) end();
      return step;
    } catch (thrown) {
      end();
      throw thrown;
    }
  };
  return {
    next: () => passOn(stream.next()),
    return: (value) => {
      end();
      return stream.return ? stream.return(value) : Promise.resolve({ done: true, value });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** What a client may send: a call with a JSON body, or the end of one. */
export function isCallMessage(text: string): boolean {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof message !== 'object' || message === null) return false;
  const { i: id, t: type, p: payload } = message as { i?: unknown; t?: unknown; p?: unknown };
  if (typeof id !== 'string' || id.length > 64) return false;
  if (type === abortMessage) return true;
  // No command takes a stream or a file: parts of one would only be kept and never read.
  if ((type !== undefined && type !== callMessage) || typeof payload !== 'object' || payload === null)
    return false;
  const { u: url, h: headers } = payload as { u?: unknown; h?: unknown };
  return typeof url === 'string' && (headers === undefined || !('content-type' in Object(headers)));
}

/** Of oRPC's messages between peers. */
const callMessage = 1;
const abortMessage = 4;
