/**
 * Entry of the studio process in Electron (a utilityProcess). Main hands it ports: each carries commands for
 * one client. Main also asks here for the bytes behind app:// addresses. What a command does is left to studio.ts.
 */
import './node16.ts';
import { RPCHandler } from '@orpc/server/message-port';
import { createRouterClient } from '@orpc/server';
import { toWireError, type WireError } from '#contract/errors.ts';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import { fromRpcError, oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { visible } from '#contract/visible.ts';
import { openSample } from './serve/sample.ts';
import { createStudio } from './studio.ts';

/** Given as JSON in the first argument. */
export interface StudioProcessOptions {
  version: string;
  /** Project to open at once. */
  openProject: string | null;
  /** Open the sample project and start a first training where there is none. */
  sample: boolean;
}

/** What main sends. A `client` message carries one port. */
export type ToStudio =
  { kind: 'client' } | { kind: 'resource'; id: number; request: ResourceRequest } | { kind: 'close' };

/** What main receives. */
export type FromStudio =
  | { kind: 'resource'; id: number; response: ResourceResponse }
  | { kind: 'resource-failed'; id: number; error: WireError };

/** The parts of Electron's types that are needed here; engine/ knows no Electron. */
interface Port {
  on(event: 'message' | 'close', listener: (event: { data: unknown }) => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
}
interface ParentPort {
  on(event: 'message', listener: (event: { data: ToStudio; ports: Port[] }) => void): void;
  postMessage(message: FromStudio): void;
}

const parent = (process as unknown as { parentPort?: ParentPort }).parentPort;
if (!parent)
  throw new Error(
    'out/main/studio.cjs runs as a utility process of Electron only; use `atelier serve` without one.',
  );

const { version, openProject, sample } = JSON.parse(process.argv[2] ?? '{}') as StudioProcessOptions;
const log = (line: string) => process.stderr.write(`studio: ${visible(line)}\n`);

const studio = createStudio({
  desktop: true,
  allowedFolders: null,
  version,
  ...(openProject === null ? {} : { openProject }),
});
const handler = new RPCHandler(studio.router, { clientInterceptors: [oneErrorShape] });

parent.on('message', ({ data, ports }) => {
  switch (data.kind) {
    case 'client': {
      const [port] = ports;
      if (!port) return log('a client came without a port');
      handler.upgrade(port as never);
      port.start();
      return;
    }
    case 'resource':
      void answer(data.id, data.request);
      return;
    case 'close':
      void close();
      return;
    default:
      data satisfies never;
  }
});

async function answer(id: number, request: ResourceRequest): Promise<void> {
  try {
    const { status, headers, body } = await studio.resources(request);
    parent!.postMessage({ kind: 'resource', id, response: { status, headers, body } });
  } catch (error) {
    parent!.postMessage({ kind: 'resource-failed', id, error: toWireError(error) });
  }
}

async function close(): Promise<void> {
  try {
    await studio.close();
    process.exit(0);
  } catch (error) {
    log(`could not close cleanly: ${toWireError(error).message}`);
    process.exit(1);
  }
}

if (sample) {
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  openSample(client, { preset: 'quick', report: (line) => process.stdout.write(`${visible(line)}\n`) }).catch(
    (thrown) => {
      const error = fromRpcError(thrown);
      // Cancelled in the window, where it is seen.
      if (error.code !== 'CANCELLED') log(`the sample: ${error.message}`);
    },
  );
}
