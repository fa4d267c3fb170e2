/**
 * The served studio: the window's pages, images and commands over HTTP and WebSocket, for browsers on this
 * machine. Checks every request before it reaches anything; what a command does is left to the studio.
 */
import type { AnyRouter } from '@orpc/server';
import { AtelierError, toWireError } from '#contract/errors.ts';
import { type ResourceRequest, type ResourceResponse, rpcPath } from '#contract/resources.ts';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Access, createAccess } from './access.ts';
import { type PageFile, pageHeaders, readPageFiles } from './files.ts';
import { openedPage, pageStyle, refusedPage } from './pages.ts';
import { contentSecurityPolicy, resourcePolicy, securityHeaders } from './policy.ts';
import { createSockets, type SocketLimits } from './sockets.ts';

/** What a served studio needs of the studio. */
export interface ServedStudio {
  router: AnyRouter;
  resources(request: ResourceRequest): Promise<ResourceResponse>;
}

export interface ServeOptions {
  /** 0 lets the system choose. */
  port?: number;
  host?: string;
  /** Says yes to a host that other machines can reach, unencrypted. */
  insecureHost?: boolean;
  /** The built window. */
  rendererFolder: string;
  /** Bytes of one upload. */
  uploadLimit?: number;
  limits?: SocketLimits;
}

export interface Served {
  /** The address to open, good for one browser. */
  url: string;
  port: number;
  /** A new one-time address; the one before it stops working. */
  freshUrl(): string;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';
const uploadLimit = 256 * 1024 * 1024;

/**
 * @throws USAGE for a host other than 127.0.0.1 without `insecureHost`, CONFLICT for a port in use
 */
export async function serveStudio(studio: ServedStudio, options: ServeOptions): Promise<Served> {
  const host = options.host ?? loopback;
  if (host !== loopback && !options.insecureHost) {
    throw new AtelierError(
      'USAGE',
      `The studio is served on ${loopback} only; received --host ${host}. Other machines on the network would reach it ` +
        'unencrypted: use an SSH tunnel (ssh -L PORT:127.0.0.1:PORT), or add --insecure-host if the network is yours alone.',
      { host },
    );
  }
  const files = readPageFiles(options.rendererFolder);
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 120_000, headersTimeout: 10_000 });
  server.maxConnections = 256;
  const port = await listen(server, options.port ?? 0, host);
  const access = createAccess(port, ownHosts(host, port));
  const sockets = createSockets(studio.router, options.limits);

  server.on('request', (request, response) => {
    answer(request, { studio, files, access, uploadLimit: options.uploadLimit ?? uploadLimit }).then(
      (reply) => send(request, response, reply),
      (error) => send(request, response, failure(error)),
    );
  });
  server.on('upgrade', (request, socket, head) => {
    // A reset while we look at the request is the client's matter.
    socket.on('error', () => {});
    const path = pathOf(request);
    const refused =
      access.refusal(request.headers, 'upgrade') ??
      (access.hasCookie(request.headers) ? null : 'No session.');
    if (refused !== null || path !== rpcPath) {
      socket.end(
        `HTTP/1.1 ${refused !== null ? '403 Forbidden' : '404 Not Found'}\r\nconnection: close\r\n\r\n`,
      );
      return;
    }
    sockets.accept(request, socket, head);
  });

  const address = () =>
    `http://${host === '0.0.0.0' ? loopback : host}:${port}/open?token=${access.issueToken()}`;
  return {
    url: address(),
    port,
    freshUrl: address,
    async close() {
      sockets.close();
      server.closeAllConnections?.();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new AtelierError(
              'CONFLICT',
              `Port ${port} is not free (${error.code}). Choose another with --port, or leave it out.`,
              { port },
            )
          : error,
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** The `Host` values that mean this server. */
function ownHosts(host: string, port: number): string[] {
  const names = new Set([loopback, 'localhost', host]);
  if (host === '0.0.0.0') {
    for (const { address, family } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      if (family === 'IPv4') names.add(address);
    }
  }
  return [...names].map((name) => `${name}:${port}`);
}

/** Path of the request without its query; null where it cannot be read. */
function pathOf({ url = '/' }: IncomingMessage): string | null {
  const [path = '/'] = url.split('?', 1);
  return path.startsWith('/') && !path.startsWith('//') ? path : null;
}

interface Floor {
  studio: ServedStudio;
  files: Map<string, PageFile>;
  access: Access;
  uploadLimit: number;
}

const text = (status: number, body: string, headers: Record<string, string> = {}): ResourceResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: Buffer.from(body),
});

async function answer(request: IncomingMessage, floor: Floor): Promise<ResourceResponse> {
  const { access, files, studio } = floor;
  const { method = 'GET', headers } = request;
  const path = pathOf(request);
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return text(405, refusedPage(`No ${method} here.`));
  const refused = access.refusal(headers, path === '/open' ? 'open' : method === 'POST' ? 'write' : 'read');
  if (refused !== null) return text(403, refusedPage(refused));
  if (path === null) return text(404, refusedPage('There is nothing at this address.'));

  // Browsers ask by themselves where a page names no icon, as those that let in or refuse; a 404 reads like a fault.
  if (path === '/favicon.ico') return text(204, '');
  if (path === '/open' && method === 'GET') {
    const token = new URL(request.url ?? '/', 'http://localhost').searchParams.get('token') ?? '';
    const cookie = access.redeem(token);
    if (cookie !== null) return text(200, openedPage(), { 'set-cookie': cookie });
    if (access.hasCookie(headers)) return text(200, openedPage());
    return text(
      403,
      refusedPage(
        'This address was used before, or is not the right one. Press Enter in the terminal where the studio runs for a fresh one.',
      ),
    );
  }
  if (!access.hasCookie(headers)) {
    return text(
      403,
      refusedPage('Open the address printed in the terminal where the studio runs; it lets this browser in.'),
    );
  }
  const file = method === 'POST' ? undefined : files.get(path);
  if (file) {
    const policy = contentSecurityPolicy([`ws://${headers.host}`]);
    return {
      status: 200,
      headers: { ...pageHeaders(file), 'content-security-policy': policy },
      body: file.body,
    };
  }
  const body = method === 'POST' ? await readBody(request, floor.uploadLimit) : null;
  const reply = await studio.resources({ method, path, headers: plainHeaders(headers), body });
  return { ...reply, headers: { ...reply.headers, 'content-security-policy': resourcePolicy } };
}

function plainHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  // The cookie is the key to this door, and nobody's business behind it.
  const rest = Object.entries(headers).filter(([name]) => name !== 'cookie');
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

function failure(error: unknown): ResourceResponse {
  const wire = toWireError(error);
  const status =
    wire.code === 'NOT_FOUND'
      ? 404
      : wire.code === 'BAD_REQUEST'
        ? 'limit' in wire.details
          ? 413
          : 400
        : 500;
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: Buffer.from(JSON.stringify(wire)),
  };
}

function send(request: IncomingMessage, response: ServerResponse, reply: ResourceResponse): void {
  const own = reply.headers['content-security-policy'];
  response.writeHead(reply.status, {
    ...reply.headers,
    ...securityHeaders,
    'content-security-policy': own ?? contentSecurityPolicy([], pageStyle),
    ...(reply.status === 204 ? {} : { 'content-length': reply.body.byteLength }),
    // What was not read of a refused upload would be taken for the next request.
    ...(reply.status >= 400 ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : reply.body);
}
