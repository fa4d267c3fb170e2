/**
 * The one error shape over RPC, and the client's type. Whatever is thrown behind a command crosses every
 * transport as a WireError in `data`, and is an AtelierError again on the other side.
 * Opening a transport is left to renderer/connection.ts, engine/process.ts and engine/serve.
 */
import { mapEventIterator, ORPCError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Commands } from './commands.ts';
import { AtelierError, toWireError, WireError } from './errors.ts';

/** All commands as functions, whatever carries them. */
export type StudioClient = ContractRouterClient<Commands>;

/** The thrown value as it travels. Input that fails its schema becomes BAD_REQUEST and says which field. */
export function rpcError(thrown: unknown): ORPCError<string, WireError> {
  if (thrown instanceof ORPCError && WireError.safeParse(thrown.data).success) return thrown;
  const wire = thrown instanceof ORPCError ? wireOfProtocolError(thrown) : toWireError(thrown);
  return new ORPCError(wire.code, { message: wire.message, data: wire, cause: thrown });
}

/**
 * The error behind a failed call, on the caller's side. An error that is none of ours comes from the
 * transport: the connection was lost.
 */
export function fromRpcError(thrown: unknown): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  if (thrown instanceof ORPCError) {
    const wire = WireError.safeParse(thrown.data);
    return AtelierError.fromWire(wire.success ? wire.data : wireOfProtocolError(thrown));
  }
  if (isAbort(thrown) && !isClosedConnection(thrown)) {
    return new AtelierError('CANCELLED', 'The request was cancelled.', {}, { cause: thrown });
  }
  if (thrown instanceof TypeError || thrown instanceof RangeError)
    return AtelierError.fromWire(toWireError(thrown));
  return new AtelierError(
    'CONNECTION_LOST',
    'The connection to the studio was lost. What was saved is safe; the window connects again by itself.',
    { reason: thrown instanceof Error ? thrown.message : String(thrown) },
    { cause: thrown },
  );
}

interface Issue {
  message: string;
  path?: ReadonlyArray<PropertyKey | { key: PropertyKey }>;
}

/** What oRPC itself throws: input refused by its schema, an unknown command, an answer of ours that breaks the contract. */
function wireOfProtocolError(error: ORPCError<string, unknown>): WireError {
  const issues = issuesOf(error.data);
  if (error.code === 'BAD_REQUEST') {
    const lines = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    return {
      code: 'BAD_REQUEST',
      message:
        lines.length > 0
          ? `The request is not as expected. ${lines.join('; ')}.`
          : 'The request could not be read.',
      details: { issues },
    };
  }
  if (error.code === 'NOT_FOUND') {
    return {
      code: 'NOT_FOUND',
      message:
        'The studio has no such command. Window and studio may be of different versions: reload, or start again.',
      details: {},
    };
  }
  const broken = issuesOf(error.cause);
  const wire = toWireError(error.cause ?? error);
  return broken.length > 0 ? { ...wire, details: { issues: broken } } : wire;
}

function issuesOf(data: unknown): { path: string; message: string }[] {
  const { issues } = (data ?? {}) as { issues?: unknown };
  if (!Array.isArray(issues)) return [];
  return (issues as Issue[]).slice(0, 20).map(({ path = [], message }) => ({
    path: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
    message: String(message),
  }));
}

const isAbort = (thrown: unknown) => thrown instanceof Error && thrown.name === 'AbortError';

/** oRPC rejects what is pending on a closed peer with an AbortError of its own. */
const isClosedConnection = (thrown: unknown) => thrown instanceof Error && /closed/i.test(thrown.message);

interface Call {
  next(): Promise<unknown>;
}

/**
 * Gives every error of a command, and of the stream it may answer with, the one shape. For
 * `clientInterceptors` of an RPCHandler and `interceptors` of createRouterClient.
 */
export async function oneErrorShape<T>({ next }: { next(): Promise<T> }): Promise<T>;
export async function oneErrorShape({ next }: Call): Promise<unknown> {
  try {
    const output = await next();
    if (!isAsyncIterator(output)) return output;
    return mapEventIterator(output, {
      value: async (value) => value,
      error: async (error) => rpcError(error),
    });
  } catch (error) {
    throw rpcError(error);
  }
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown, unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
