/**
 * Owns the studio process: starts it, starts it again when it dies, brokers ports to it, asks it for bytes.
 * Knows no window: what a stop means to the person is told through the callbacks.
 */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { MessageChannelMain, type MessagePortMain, utilityProcess, type UtilityProcess } from 'electron';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { FromStudio, StudioProcessOptions, ToStudio } from '#engine/process.ts';

interface StudioHostOptions {
  /** The built studio.cjs. */
  script: string;
  process: StudioProcessOptions;
  /** The process died unasked; it is started again unless `final`. */
  onStopped(exitCode: number, final: boolean): void;
  /** A new process is there: clients need new ports. */
  onStarted(): void;
}

export interface StudioHost {
  /** A fresh port to the studio, for one client; null while it is being started again: `onStarted` follows. */
  connect(): MessagePortMain | null;
  /** Main's own commands. */
  client(): StudioClient;
  resource(request: ResourceRequest): Promise<ResourceResponse>;
  /** Its jobs; none where the process has died, null where it does not answer in time. */
  jobs(): Promise<Job[] | null>;
  /** Closes the project and ends the process; by force where it does not end by itself. */
  close(): Promise<void>;
}

/** Deaths within a minute after which it is left dead: something is wrong that starting cannot mend. */
const patience = 3;
/** Longer than the studio gives a training to keep its last step (10 s). */
const closeMilliseconds = 15_000;
/** A person who wants to quit waits no longer for the answer what trains. */
const answerMilliseconds = 5_000;

const gone = () => new AtelierError('CONNECTION_LOST', 'The studio process stopped before it answered.');

export function hostStudio(options: StudioHostOptions): StudioHost {
  const waiting = new Map<
    number,
    { resolve(response: ResourceResponse): void; reject(error: Error): void }
  >();
  const deaths: number[] = [];
  let nextId = 1;
  let closing = false;
  let alive = false;
  let child: UtilityProcess;
  let client: StudioClient;
  let openProject = options.process.openProject;

  const send = (message: ToStudio, ports: MessagePortMain[] = []) => child.postMessage(message, ports);

  const connect = () => {
    const { port1, port2 } = new MessageChannelMain();
    send({ kind: 'client' }, [port1]);
    return port2;
  };

  const start = (sample: boolean) => {
    const argument: StudioProcessOptions = { ...options.process, openProject, sample };
    child = utilityProcess.fork(options.script, [JSON.stringify(argument)], {
      serviceName: 'Atelier studio',
      stdio: 'inherit',
    });
    child.on('message', (message: FromStudio) => {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'resource') call?.resolve(message.response);
      else call?.reject(AtelierError.fromWire(message.error));
    });
    child.on('exit', stopped);
    alive = true;
    const port = connect();
    client = createORPCClient(new RPCLink({ port: port as never }));
    port.start();
    void rememberProject(client);
  };

  /** So that a restarted process opens what was open. */
  const rememberProject = async (from: StudioClient) => {
    try {
      for await (const event of await from.studio.events()) {
        if (event.event === 'project.changed') openProject = event.project?.path ?? null;
      }
    } catch {
      // The process died; `stopped` tells.
    }
  };

  const stopped = (exitCode: number) => {
    alive = false;
    for (const { reject } of waiting.values()) {
      reject(gone());
    }
    waiting.clear();
    if (closing) return;
    const now = Date.now();
    deaths.push(now);
    const final = deaths.filter((time) => now - time < 60_000).length > patience;
    options.onStopped(exitCode, final);
    if (final) return;
    setTimeout(() => {
      if (closing) return;
      start(false);
      options.onStarted();
    }, 500);
  };

  start(options.process.sample);

  return {
    connect: () => (alive ? connect() : null),
    client: () => client,
    resource: (request) =>
      new Promise((resolve, reject) => {
        if (!alive) throw gone();
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        send({ kind: 'resource', id, request });
      }),
    jobs: () =>
      new Promise((resolve) => {
        if (!alive) return resolve([]);
        const none = () => resolve([]);
        const timer = setTimeout(() => resolve(null), answerMilliseconds);
        child.once('exit', none);
        client.jobs
          .list()
          .then(resolve, none)
          .finally(() => {
            clearTimeout(timer);
            child.off('exit', none);
          });
      }),
    close() {
      closing = true;
      return new Promise((resolve) => {
        if (!alive) return resolve();
        const force = setTimeout(() => child.kill(), closeMilliseconds);
        child.once('exit', () => {
          clearTimeout(force);
          resolve();
        });
        send({ kind: 'close' });
      });
    },
  };
}
