/**
 * The only place that knows how the window reaches the studio: a MessagePort brokered by main in Electron,
 * a WebSocket to the same origin when served. Trying again after a loss is left to state/studio.svelte.ts.
 */
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { type Bridge, portMessage, stoppedMessage } from '#contract/bridge.ts';
import { AtelierError } from '#contract/errors.ts';
import { rpcPath } from '#contract/resources.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { askAdmission, socketProtocols } from './session.ts';

export interface Connection {
  client: StudioClient;
  /** Resolves when the transport is gone. */
  lost: Promise<void>;
  close(): void;
}

const patience = 10_000;

/** @throws CONNECTION_LOST where no studio answers within ten seconds, FORBIDDEN where it does not let this browser in */
export function connect(): Promise<Connection> {
  return window.atelier ? connectPort(window.atelier) : connectSocket();
}

function noStudio(reason: string): AtelierError {
  return new AtelierError('CONNECTION_LOST', `The studio could not be reached: ${reason}`);
}

const notLetIn = () =>
  new AtelierError(
    'FORBIDDEN',
    'This browser is not let in, or was logged out. Open a fresh address: press Enter in the terminal where the studio runs, or run there: atelier serve --new-address.',
  );

function connectPort(bridge: Bridge): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      window.removeEventListener('message', receive);
      reject(noStudio('main sent no port.'));
    }, patience);
    function receive(event: MessageEvent): void {
      const [port] = event.ports;
      if (event.source !== window || event.data !== portMessage || !port) return;
      clearTimeout(timer);
      window.removeEventListener('message', receive);
      port.start();
      // Electron 22 crashes where a page goes, as on a reload, with its port still open.
      window.addEventListener('pagehide', () => port.close(), { once: true });
      resolve({
        client: createORPCClient(new PortLink({ port })),
        lost: new Promise((gone) => {
          port.addEventListener('close', () => gone());
          // A port does not tell of its other end's death before Chrome 122; main does, and then sends a fresh one.
          const told = (next: MessageEvent) => {
            if (next.source !== window || (next.data !== portMessage && next.data !== stoppedMessage)) return;
            window.removeEventListener('message', told);
            gone();
          };
          window.addEventListener('message', told);
        }),
        close: () => port.close(),
      });
    }
    window.addEventListener('message', receive);
    bridge.requestPort();
  });
}

function connectSocket(): Promise<Connection> {
  const address = new URL(rpcPath, window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, socketProtocols());
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      socket.close();
    }, patience);
    const lost = new Promise<void>((gone) => socket.addEventListener('close', () => gone()));
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve({
        client: createORPCClient(new SocketLink({ websocket: socket })),
        lost,
        close: () => socket.close(),
      });
    });
    void lost.then(async () => {
      clearTimeout(timer);
      reject(
        late
          ? noStudio('it gave no answer within ten seconds; it may be busy.')
          : (await askAdmission()) === 'refused'
            ? notLetIn()
            : noStudio('it no longer runs.'),
      );
    });
  });
}
