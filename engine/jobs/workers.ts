/**
 * Worker processes from the studio's side: starting one, giving it tasks, and what becomes of a task
 * when its process dies. How a process is started can be replaced by whoever embeds the studio.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { appRoot } from '../app-root.ts';
import { memoryKills, ranOutOfMemory } from './memory.ts';
import type {
  FromWorker,
  Input,
  Result,
  StepDone,
  TaskEvent,
  TaskKind,
  ToWorker,
} from '../worker/protocol.ts';
import type { JobContext } from './queue.ts';

/** A started process, whatever started it. */
export interface WorkerHandle {
  readonly pid: number | undefined;
  send(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Called once, when the process has ended. `stderr` is the end of what it wrote there. */
  onExit(listener: (exit: { code: number | null; signal: string | null; stderr: string }) => void): void;
  kill(): void;
}

export type Spawner = () => WorkerHandle;

const stderrKept = 4000;
/** How long a cancelled task may take to stop by itself. */
const graceMilliseconds = 10_000;

/** The bundled worker: $ATELIER_WORKER, or out/main/worker.cjs. @throws INTERNAL where it was not built */
function workerFile(): string {
  const file = process.env['ATELIER_WORKER'] ?? join(appRoot(), 'out', 'main', 'worker.cjs');
  if (existsSync(file)) return file;
  throw new AtelierError('INTERNAL', `Expected the worker at ${file}. Run \`npm run build\` first.`);
}

/** Starts a worker under $ATELIER_NODE, or under the program that runs the studio. */
export const forkWorker: Spawner = () => {
  const child: ChildProcess = fork(workerFile(), [], {
    execPath: process.env['ATELIER_NODE'] ?? process.execPath,
    execArgv: [],
    // Inside Electron the program is Electron itself, which this turns into plain Node.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', TF_CPP_MIN_LOG_LEVEL: '2' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-stderrKept)));
  return {
    pid: child.pid,
    send(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit(listener) {
      let told = false;
      const tell = (code: number | null, signal: string | null) => {
        if (told) return;
        told = true;
        listener({ code, signal, stderr });
      };
      child.on('exit', tell);
      child.on('error', (error) => {
        stderr += error.message;
        tell(null, null);
      });
    },
    kill: () => void child.kill('SIGKILL'),
  };
};

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not every system lets a process be nicer; it then competes.
  }
}

interface Pending {
  resolve(result: never): void;
  reject(error: AtelierError): void;
  onEvent(event: never): void;
}

export interface RunOptions<K extends TaskKind> {
  onEvent?(event: TaskEvent<K>): void;
  signal?: AbortSignal;
}

/** One worker process. `purpose` is what a person calls it: "training", "import". */
export class Worker {
  readonly #handle: WorkerHandle;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #dead: AtelierError | null = null;
  #closed = false;
  readonly #memoryKills = memoryKills();

  constructor(
    spawner: Spawner,
    private readonly purpose: string,
    private readonly afterDeath: string,
    background = true,
  ) {
    this.#handle = spawner();
    // Windows, browsers and the studio itself come first; on an idle machine this costs nothing.
    if (background && this.#handle.pid !== undefined) lowerPriority(this.#handle.pid);
    this.#handle.onMessage((message) => this.#receive(message));
    this.#handle.onExit((exit) => this.#died(exit));
  }

  get pid(): number | undefined {
    return this.#handle.pid;
  }

  get alive(): boolean {
    return this.#dead === null && !this.#closed;
  }

  /**
   * Runs a task. An aborted signal asks the worker to stop, and ends it if it does not within seconds.
   * @throws what the task throws; WORKER_DIED where the process ended; CANCELLED
   */
  run<K extends TaskKind>(kind: K, input: Input<K>, options: RunOptions<K> = {}): Promise<Result<K>> {
    const { onEvent, signal } = options;
    if (this.#dead) return Promise.reject(this.#dead);
    if (signal?.aborted) return Promise.reject(cancelled());
    const id = this.#nextId++;
    let grace: ReturnType<typeof setTimeout> | undefined;
    const cancel = () => {
      this.#handle.send({ type: 'cancel', id });
      grace = setTimeout(() => this.close(), graceMilliseconds);
    };
    signal?.addEventListener('abort', cancel);
    return new Promise<Result<K>>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onEvent: (event) => onEvent?.(event) });
      this.#handle.send({ type: 'run', id, kind, input });
    })
      .catch((thrown: unknown) => {
        // Ctrl-C reaches a worker too, which may still be starting.
        const died = thrown instanceof AtelierError && thrown.code === 'WORKER_DIED';
        throw died && signal?.aborted ? cancelled() : thrown;
      })
      .finally(() => {
        clearTimeout(grace);
        signal?.removeEventListener('abort', cancel);
      });
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.type === 'event') {
      pending.onEvent(message.event as never);
      return;
    }
    this.#pending.delete(message.id);
    if (message.type === 'result') pending.resolve(message.result as never);
    else pending.reject(AtelierError.fromWire(message.error));
  }

  #died({ code, signal, stderr }: { code: number | null; signal: string | null; stderr: string }): void {
    const how = signal ? `signal ${signal}` : `exit code ${code}`;
    const outOfMemory = ranOutOfMemory({ code, signal, stderr }, this.#memoryKills);
    // Killed by the system, or aborted by an allocator that got nothing; a shell between them adds 128.
    const perhaps = signal === 'SIGKILL' || signal === 'SIGABRT' || code === 137 || code === 134;
    const memory = outOfMemory ? 'Memory ran out. ' : perhaps ? 'Memory may have run out. ' : '';
    this.#dead = this.#closed
      ? cancelled()
      : new AtelierError(
          'WORKER_DIED',
          `The ${this.purpose} process ended unexpectedly (${how}). ${memory}Your project is intact; ${this.afterDeath}.`,
          { code, signal, stderr, outOfMemory },
        );
    for (const [, { reject }] of this.#pending) reject(this.#dead);
    this.#pending.clear();
  }

  /** Ends the process at once. Tasks still running are rejected as cancelled. */
  close(): void {
    this.#closed = true;
    this.#handle.kill();
  }
}

/** Does `work` with a worker of its own, which ends with it. @param words as those of `Worker` */
export async function inWorker<T>(
  spawner: Spawner,
  words: readonly [purpose: string, afterDeath: string],
  work: (worker: Worker) => Promise<T>,
): Promise<T> {
  const worker = new Worker(spawner, ...words);
  try {
    return await work(worker);
  } finally {
    worker.close();
  }
}

/** A task that is cancelled with its job, and whose progress is the job's. */
export const followedBy = ({ signal, progress }: JobContext) => ({
  signal,
  onEvent: ({ done, total, unit }: StepDone) => progress(done, total, unit),
});

const cancelled = () => new AtelierError('CANCELLED', 'Cancelled. What was finished is kept.');

/** One warm worker for what people wait for: pictures, predictions, previews. A dead one is replaced. */
export class WarmWorker {
  #worker: Worker | null = null;
  constructor(private readonly spawner: Spawner) {}

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  run<K extends TaskKind>(kind: K, input: Input<K>, options?: RunOptions<K>): Promise<Result<K>> {
    if (!this.#worker?.alive) this.#worker = new Worker(this.spawner, 'prediction', 'try again', false);
    return this.#worker.run(kind, input, options);
  }

  close(): void {
    this.#worker?.close();
    this.#worker = null;
  }
}
