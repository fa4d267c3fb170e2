/**
 * What a request of a context studio is answered: the window's own files to a browser with the cookie, all else to one that
 * proves its session. Headers are judged by access.ts; listening is index.ts.
 */
import type { IncomingMessage } from 'node:http';
import { AtelierError, toWireError } from '#contract/errors.ts';
import {
  keyParameter,
  type ResourceRequest,
  type ResourceResponse,
  sessionHeader,
  sessionPath,
} from '#contract/resources.ts';
import { type Access, forgottenCookies, type RequestKind, type Session } from './access.ts';
import { type PageFile, pageHeaders } from './files.ts';
import { openedPage, openingScript, pageStyle, refusedPage } from './pages.ts';
import { contentSecurityPolicy, resourcePolicy } from './policy.ts';
import { type Announced, askHeader, freshAddressPath } from './running.ts';

/** The answer, and cookies to set. */
export interface Reply extends ResourceResponse {
  cookies?: string[];
}

/** What answers need. */
export interface ServerContext {
  resources(request: ResourceRequest): Promise<ResourceResponse>;
  files: ReadonlyMap<string, PageFile>;
  access: Access;
  uploads: UploadLimits;
  /** Marks the connection of somebody who was let in. */
  admit(request: IncomingMessage): void;
  /** Closes the sockets of a session. */
  drop(session: Session): void;
  freshUrl(): string;
  /** Who may ask for a fresh address from another terminal; null where nobody can. */
  announced: Announced | null;
}

export interface UploadLimits {
  /** Bytes of one. */
  size: number;
  /** Bodies in memory at a time. The others wait, and so do their senders. */
  turn<T>(work: () => Promise<T>): Promise<T>;
}

/** At most `most` works at a time, in the order they came. */
export function takeTurns(most: number): UploadLimits['turn'] {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/** Path of the request without its query; null where it cannot be read. */
export function pathOf({ url = '/' }: IncomingMessage): string | null {
  const [path = '/'] = url.split('?', 1);
  return path.startsWith('/') && !path.startsWith('//') ? path : null;
}

function parameterOf({ url = '/' }: IncomingMessage, name: string): string {
  return new URLSearchParams(url.split('?').slice(1).join('?')).get(name) ?? '';
}

const page = (status: number, body: string, cookies: string[] = []): Reply => ({
  status,
  cookies,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy([], { style: pageStyle, script: openingScript }),
  },
  body: Buffer.from(body),
});
const refused = (reason: string) => page(403, refusedPage(reason));
const askTheTerminal =
  'Open the address printed in the terminal where the studio runs; it lets this browser in. Press Enter in the terminal for a fresh one, or run there: atelier serve --new-address.';

function kindOf(path: string | null, method: string): RequestKind {
  if (path === freshAddressPath) return 'program';
  if (path === '/open') return 'open';
  return method === 'POST' ? 'write' : 'read';
}

/** @throws what the studio's resources throw, BAD_REQUEST for an upload that is too large */
export async function answer(request: IncomingMessage, context: ServerContext): Promise<Reply> {
  const { access, files } = context;
  const { method = 'GET', headers } = request;
  const path = pathOf(request);
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return page(405, refusedPage(`No ${method} here.`));
  const refusal = access.refusal(headers, kindOf(path, method));
  if (refusal !== null) return refused(refusal);
  if (path === null) return page(404, refusedPage('There is nothing at this address.'));

  // Browsers ask by themselves where a page names no icon, as those that let in or refuse; a 404 reads like a fault.
  if (path === '/favicon.ico') return page(204, '');
  if (path === freshAddressPath) return newAddress(request, context);
  if (path === '/open' && method === 'GET') return letIn(request, context);
  if (path === sessionPath) return ofSession(request, context);
  const known = access.known(headers);
  const file = method === 'POST' ? undefined : files.get(path);
  if (known && file) {
    return {
      status: 200,
      headers: {
        ...pageHeaders(file),
        'content-security-policy': contentSecurityPolicy([`ws://${headers.host}`]),
      },
      body: file.body,
    };
  }
  const session =
    access.admitted(headers) ??
    (method === 'POST' ? null : access.shown(headers, parameterOf(request, keyParameter)));
  if (!session) return refused(askTheTerminal);
  context.admit(request);
  return fromStudio(request, method, path, context);
}

async function fromStudio(
  request: IncomingMessage,
  method: ResourceRequest['method'],
  path: string,
  context: ServerContext,
): Promise<Reply> {
  const ask = async (body: Uint8Array | null) =>
    context.resources({ method, path, headers: plainHeaders(request.headers), body });
  const reply = await (method === 'POST'
    ? context.uploads.turn(async () => ask(await readBody(request, context.uploads.size)))
    : ask(null));
  return { ...reply, headers: { ...reply.headers, 'content-security-policy': resourcePolicy } };
}

/** The one-time address. Its token becomes a session; the address itself keeps working for the browser that has it. */
function letIn(request: IncomingMessage, context: ServerContext): Reply {
  const { access } = context;
  const { headers } = request;
  const redeemed = access.redeem(parameterOf(request, 'token'), headers);
  if (redeemed) {
    context.admit(request);
    return page(200, openedPage(redeemed.session.page), [...forgottenCookies(headers), redeemed.setCookie]);
  }
  // Whoever shows the cookie alone is told no secret: it may be a stranger's server, which browsers send it to.
  if (access.known(headers)) return page(200, openedPage(null));
  return refused(
    'This address was used before, or is not the right one. Press Enter in the terminal where the studio runs for a fresh one, or run there: atelier serve --new-address.',
  );
}

/** Whether this browser is let in, and its way out. */
function ofSession({ method, headers }: IncomingMessage, { access, drop }: ServerContext): Reply {
  const session = access.admitted(headers);
  if (!session) return refused(askTheTerminal);
  if (method !== 'POST') return page(204, '');
  const forget = access.end(session);
  drop(session);
  const out = page(204, '', [forget]);
  return { ...out, headers: { ...out.headers, 'clear-site-data': '"cache"' } };
}

function newAddress({ method, headers }: IncomingMessage, { announced, freshUrl }: ServerContext): Reply {
  const question = headers[askHeader];
  const told =
    method === 'POST' && typeof question === 'string' ? announced?.answer(question, freshUrl) : null;
  if (!told) return refused('Only the person who runs this studio can ask it for an address.');
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: Buffer.from(JSON.stringify(told)),
  };
}

function plainHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  // The keys to this door are nobody's business behind it.
  const rest = Object.entries(headers).filter(([name]) => name !== 'cookie' && name !== sessionHeader);
  return Object.fromEntries(rest.map(([name, value]) => [name, String(value)]));
}

/** @throws BAD_REQUEST for more than `limit` bytes, without reading them */
async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new AtelierError(
      'BAD_REQUEST',
      `An upload may have ${limit} bytes at most. Import larger data with the command line: atelier import.`,
      { limit },
    );
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The answer to what was thrown, in the one shape of errors. */
export function failure(error: unknown): Reply {
  const wire = toWireError(error);
  const statuses: Partial<Record<typeof wire.code, number>> = {
    NOT_FOUND: 404,
    BAD_REQUEST: 'limit' in wire.details ? 413 : 400,
    TOO_MANY: 429,
  };
  return {
    status: statuses[wire.code] ?? 500,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: Buffer.from(JSON.stringify(wire)),
  };
}
