/**
 * The served studio: the window's pages, images and commands over HTTP and WebSocket, for browsers on this
 * machine. Listens and bounds what is held for clients; who is let in is access.ts, what is answered answer.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { rpcPath } from '#contract/resources.ts';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createAccess } from './access.ts';
import { answer, type ServerContext, failure, pathOf, type Reply, takeTurns } from './answer.ts';
import { limitConnections } from './connections.ts';
import { readPageFiles } from './files.ts';
import { contentSecurityPolicy, securityHeaders } from './policy.ts';
import { announce, type Announced } from './running.ts';
import type { ServedStudio } from './served-studio.ts';
import { createSockets, type SocketLimits } from './sockets.ts';

interface ServeOptions {
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
  /** Connections held at a time. */
  connections?: number;
  /** What the studio was started with, told to whoever asks which studios run; undefined: nobody is told of this one. */
  announced?: { project: string | null };
}

export interface Served {
  /** The address to open, good for one browser. */
  url: string;
  port: number;
  /** A new one-time address; the one before it stops working. */
  freshUrl(): string;
  /** Why another terminal cannot ask for a fresh address; null where it can. */
  unannounced: string | null;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';
const uploadLimit = 256 * 1024 * 1024;
const uploadsAtOnce = 8;

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
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    requestTimeout: 120_000,
    headersTimeout: 5_000,
    // How often the two are looked at.
    connectionsCheckingInterval: 1_000,
  });
  const connections = limitConnections(server, options.connections);
  const port = await listen(server, options.port ?? 0, host);
  const access = createAccess(port, ownHosts(host, port));
  const sockets = createSockets(studio, options.limits);
  const address = host === '0.0.0.0' ? loopback : host;
  const freshUrl = () => `http://${address}:${port}/open?token=${access.issueToken()}`;
  const { announced, unannounced } = tryToAnnounce(options, port, address);
  const context: ServerContext = {
    resources: (request) => studio.resources(request),
    files,
    access,
    uploads: { size: options.uploadLimit ?? uploadLimit, turn: takeTurns(uploadsAtOnce) },
    admit: connections.admit,
    drop: sockets.drop,
    freshUrl,
    announced,
  };

  server.on('request', (request, response) => {
    answer(request, context).then(
      (reply) => send(request, response, reply),
      (error) => send(request, response, failure(error)),
    );
  });
  server.on('upgrade', (request, socket, head) => {
    // A reset while we look at the request is the client's matter.
    socket.on('error', () => {});
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    const session =
      access.refusal(request.headers, 'upgrade') === null ? access.admitted(request.headers) : null;
    if (!session) return void refuse('403 Forbidden');
    if (pathOf(request) !== rpcPath) return void refuse('404 Not Found');
    connections.admit(request);
    sockets.accept(request, socket, head, session);
  });

  return {
    url: freshUrl(),
    port,
    freshUrl,
    unannounced,
    async close() {
      announced?.remove();
      sockets.close();
      server.closeAllConnections?.();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The studio is of use without it, where the person's own folder cannot be written to. */
function tryToAnnounce(
  { announced: told }: ServeOptions,
  port: number,
  host: string,
): { announced: Announced | null; unannounced: string | null } {
  if (!told) return { announced: null, unannounced: null };
  try {
    return { announced: announce({ port, host, project: told.project }), unannounced: null };
  } catch (thrown) {
    return { announced: null, unannounced: thrown instanceof Error ? thrown.message : String(thrown) };
  }
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
  // Not localhost: browsers ask ::1 for it first, where another person's server may listen, with our page's origin.
  const names = new Set([loopback, host]);
  if (host === '0.0.0.0') {
    for (const { address, family } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      if (family === 'IPv4') names.add(address);
    }
  }
  return [...names].map((name) => `${name}:${port}`);
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const own = reply.headers['content-security-policy'];
  response.writeHead(reply.status, {
    ...reply.headers,
    ...securityHeaders,
    ...(reply.cookies?.length ? { 'set-cookie': reply.cookies } : {}),
    'content-security-policy': own ?? contentSecurityPolicy(),
    ...(reply.status === 204 ? {} : { 'content-length': reply.body.byteLength }),
    // What was not read of a refused upload would be taken for the next request.
    ...(reply.status >= 400 ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : reply.body);
}
