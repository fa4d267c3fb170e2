/**
 * How many connections a served studio holds, and which go when there are too many: first those that nobody was let in
 * on, the oldest first. So no number of half-open ones keeps a newcomer out. What is asked on them is left to answer.ts.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

const mostConnections = 256;

interface Connections {
  /** Marks the connection of a request that was let in, until that request is answered. */
  admit(request: IncomingMessage): void;
}

/** In what order connections are given up: nobody let in yet; let in, with nothing to do; at work. */
type State = 'stranger' | 'idle' | 'busy';

export function limitConnections(server: Server, most = mostConnections): Connections {
  /** In the order they came. */
  const states = new Map<Socket, State>();

  const oldest = (state: State): Socket | undefined => {
    for (const [socket, its] of states) if (its === state) return socket;
    return undefined;
  };

  server.on('connection', (socket: Socket) => {
    while (states.size >= most) {
      const goes = oldest('stranger') ?? oldest('idle');
      // All are at work for somebody who was let in.
      if (!goes) return void socket.destroy();
      states.delete(goes);
      goes.destroy();
    }
    states.set(socket, 'stranger');
    socket.once('close', () => states.delete(socket));
  });
  server.on('request', (request, response) => {
    response.once('close', () => {
      if (states.get(request.socket) === 'busy') states.set(request.socket, 'idle');
    });
  });

  return {
    admit({ socket }) {
      if (states.has(socket)) states.set(socket, 'busy');
    },
  };
}
