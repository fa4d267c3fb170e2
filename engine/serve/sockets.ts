/**
 * RPC over WebSocket for connections that were let in: small messages, no compression, slow clients told the latest only
 * and dropped when they no longer answer. Who is let in is left to index.ts, what one may ask for at a time to calls.ts.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { socketProtocol } from '#contract/resources.ts';
import type { Session } from './access.ts';
import { type CallLimits, callsOfSocket, isCallMessage } from './calls.ts';
import type { ServedStudio } from './served-studio.ts';

export const socketLimits = {
  /** Bytes of one message from a client. */
  message: 1024 * 1024,
  /** Bytes that may wait for a client that does not read. */
  backlog: 8 * 1024 * 1024,
  clients: 32,
  /** Of one browser. */
  clientsOfSession: 16,
  heartbeatMilliseconds: 30_000,
  calls: 64,
  subscriptions: 8,
  refusals: 256,
};
export type SocketLimits = typeof socketLimits & CallLimits;

interface Sockets {
  /** Takes over an upgrade request that was let in. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, session: Session): void;
  /** Closes those of a session that has ended. */
  drop(session: Session): void;
  close(): void;
}

export function createSockets(studio: ServedStudio, limits: SocketLimits = socketLimits): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.message,
    perMessageDeflate: false,
    // The other name offered is the secret: it is not said back.
    handleProtocols: () => socketProtocol,
  });
  const alive = new WeakSet<WebSocket>();
  const sessions = new Map<WebSocket, Session>();
  const ofSession = (session: Session) => [...sessions].filter(([, its]) => its === session);

  const heartbeat = setInterval(() => {
    for (const client of server.clients) {
      if (!alive.delete(client)) client.terminate();
      else client.ping();
    }
  }, limits.heartbeatMilliseconds);
  heartbeat.unref();

  const serve = (client: WebSocket, session: Session) => {
    alive.add(client);
    sessions.set(client, session);
    const { handler, refused } = callsOfSocket(studio.router, limits, studio.allowedFolders);
    const peer = {
      addEventListener: client.addEventListener.bind(client) as never,
      // Settles when the system has taken the message: the next event of a stream waits for that, so what a slow
      // client is told stays in the studio's queue, where the newer takes the place of the older.
      send(message: string | ArrayBufferLike | ArrayBufferView) {
        // Answers do not wait. A training must never wait for, or be killed by, a sleeping browser tab.
        if (client.bufferedAmount > limits.backlog) client.terminate();
        return new Promise<void>((resolve) => client.send(message, () => resolve()));
      },
    } as unknown as Parameters<typeof handler.message>[0];
    client.on('pong', () => alive.add(client));
    client.on('message', (data, isBinary) => {
      // Pixels never ride RPC, so every message is text.
      if (isBinary) return client.close(1003, 'text messages only');
      const text = String(data);
      if (!isCallMessage(text)) return client.close(1007, 'not a message of this protocol');
      if (refused() >= limits.refusals) return client.terminate();
      alive.add(client);
      handler.message(peer, text).catch(() => client.close(1007, 'not a message of this protocol'));
    });
    client.on('close', () => {
      sessions.delete(client);
      handler.close(peer);
    });
    // A message beyond the limit ends here; ws has closed the connection with code 1009.
    client.on('error', () => {});
  };

  return {
    accept(request, socket, head, session) {
      const tooMany =
        server.clients.size >= limits.clients || ofSession(session).length >= limits.clientsOfSession;
      if (tooMany) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (client) => serve(client, session));
    },
    drop(session) {
      for (const [client] of ofSession(session)) client.terminate();
    },
    close() {
      clearInterval(heartbeat);
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
