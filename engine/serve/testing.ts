/** For tests only: a client of a served studio whose every header is its own to forge, as a browser or as anything else. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { request as httpRequest } from 'node:http';
import { WebSocket } from 'ws';
import { BrowserSession, rpcPath, sessionHeader, socketProtocol } from '#contract/resources.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Served } from './index.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A browser that was let in: its cookie, and what its page keeps. */
export interface LetIn {
  cookie: string;
  page: BrowserSession;
  /** Headers of the page's own requests. */
  own: { cookie: string; [sessionHeader]: string };
}

/** Plain HTTP to a port of this machine. */
export function askPort(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: String(Buffer.concat(parts)),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

export const originOf = ({ port }: Pick<Served, 'port'>) => `http://127.0.0.1:${port}`;

/** The session in the page that answers a good address, as the page's script reads it; null where there is none. */
export function sessionIn(html: string): BrowserSession | null {
  const [, attribute] = /data-session="([^"]*)"/.exec(html) ?? [];
  if (attribute === undefined) return null;
  const text = attribute.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  return BrowserSession.parse(JSON.parse(text));
}

/** Opens a fresh address as a browser does. */
export async function logIn(server: Served, headers: Record<string, string> = {}): Promise<LetIn> {
  const url = new URL(server.freshUrl());
  const answer = await askPort(server.port, url.pathname + url.search, headers);
  const set = answer.headers['set-cookie'] as string[];
  const cookie = set[set.length - 1]!.split(';')[0]!;
  const page = sessionIn(answer.body)!;
  return { cookie, page, own: { cookie, [sessionHeader]: page.secret } };
}

/** @returns the open socket; rejects with the status where it is refused */
export function openSocket(
  port: number,
  headers: Record<string, string>,
  protocols: readonly string[] = [],
  path = rpcPath,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], { headers });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The socket of the studio's own page. */
export const ownSocket = (server: Served, { cookie, page }: LetIn): Promise<WebSocket> =>
  openSocket(server.port, { cookie, origin: originOf(server) }, [
    socketProtocol,
    `${socketProtocol}.${page.secret}`,
  ]);

export const clientOf = (socket: WebSocket): StudioClient =>
  createORPCClient(new RPCLink({ websocket: socket as never }));

/** The code that a socket is closed with. */
export const closed = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.once('close', resolve));
