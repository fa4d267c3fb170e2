/**
 * RPC over WebSocket for connections that were let in: small messages, no compression, slow clients dropped.
 * Who is let in is left to index.ts.
 */
import { RPCHandler } from '@orpc/server/websocket';
import { oneErrorShape } from '#contract/rpc.ts';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ServedStudio } from './index.ts';

export const socketLimits = {
  /** Bytes of one message from a client. */
  message: 1024 * 1024,
  /** Bytes that may wait for a client that does not read. */
  backlog: 8 * 1024 * 1024,
  clients: 32,
  heartbeatMilliseconds: 30_000,
};
export type SocketLimits = typeof socketLimits;

export interface Sockets {
  /** Takes over an upgrade request that was let in. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function createSockets(router: ServedStudio['router'], limits: SocketLimits = socketLimits): Sockets {
  const handler = new RPCHandler(router, { clientInterceptors: [oneErrorShape] });
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.message,
    perMessageDeflate: false,
  });
  const alive = new WeakSet<WebSocket>();

  const heartbeat = setInterval(() => {
    for (const client of server.clients) {
      if (!alive.delete(client)) client.terminate();
      else client.ping();
    }
  }, limits.heartbeatMilliseconds);
  heartbeat.unref();

  const serve = (client: WebSocket) => {
    alive.add(client);
    const peer = {
      addEventListener: client.addEventListener.bind(client) as never,
      send(message: string | ArrayBufferLike | ArrayBufferView) {
        // Dropped, not queued: a training must never wait for, or be killed by, a sleeping browser tab.
        if (client.bufferedAmount > limits.backlog) client.terminate();
        else client.send(message);
      },
    } as Parameters<typeof handler.message>[0];
    client.on('pong', () => alive.add(client));
    client.on('message', (data, isBinary) => {
      alive.add(client);
      // Pixels never ride RPC, so every message is text.
      if (isBinary) return client.close(1003, 'text messages only');
      handler.message(peer, String(data)).catch(() => client.close(1007, 'not a message of this protocol'));
    });
    client.on('close', () => handler.close(peer));
    // A message beyond the limit ends here; ws has closed the connection with code 1009.
    client.on('error', () => {});
  };

  return {
    accept(request, socket, head) {
      if (server.clients.size >= limits.clients) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, serve);
    },
    close() {
      clearInterval(heartbeat);
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
