/** A training process as the one that kills sees it, and a warm one always at hand, since starting takes longest. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TrainingTask } from './training-process.ts';

type Ending = 'done' | 'killed';

export class Trainee {
  readonly #child: ChildProcess;
  #onLine: (line: string) => void = () => undefined;
  #onClose: () => void = () => undefined;
  #closed = false;
  #struck = false;
  #stderr = '';

  private constructor(command: readonly string[], environment: NodeJS.ProcessEnv) {
    const [program, ...args] = command as [string, ...string[]];
    this.#child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr!.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-2000);
    });
    this.#child.stdin!.on('error', () => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#onLine(line));
    this.#child.on('error', (error) => (this.#stderr += error.message));
    this.#child.on('close', () => {
      this.#closed = true;
      this.#onClose();
    });
  }

  /** Resolves once it can train. */
  static async start(command: readonly string[], environment: NodeJS.ProcessEnv): Promise<Trainee> {
    const trainee = new Trainee(command, environment);
    await trainee.#until('ready', () => undefined);
    return trainee;
  }

  /**
   * Trains, until it is done or was killed by `onSaved` or by anything else.
   * @param onSaved told after each checkpoint
   */
  async run(task: TrainingTask, onSaved: () => void = () => undefined): Promise<Ending> {
    this.#child.stdin!.write(`${JSON.stringify(task)}\n`);
    return this.#until('done', onSaved);
  }

  kill(): void {
    this.#struck = true;
    this.#child.kill('SIGKILL');
  }

  /** False from the moment it was killed, though its last line may have said that it was done. */
  get alive(): boolean {
    return !this.#closed && !this.#struck;
  }

  async end(): Promise<void> {
    if (this.#closed) return;
    this.#child.stdin!.end();
    await once(this.#child, 'close');
  }

  #until(awaited: string, onSaved: () => void): Promise<Ending> {
    return new Promise((resolve, reject) => {
      const fail = (what: string) =>
        reject(new Error(`The training process ${what}. ${this.#stderr.trim()}`));
      this.#onLine = (line) => {
        if (line === awaited) resolve('done');
        else if (line === 'saved') onSaved();
        // A kill may not damage a checkpoint: what is renamed is whole.
        else fail(`said: ${line}`);
      };
      this.#onClose = () => {
        if (this.#child.signalCode === 'SIGKILL') resolve('killed');
        else fail(`ended with ${this.#child.signalCode ?? this.#child.exitCode}`);
      };
      if (this.#closed) this.#onClose();
    });
  }
}

/** Hands out warm processes; starts the next one meanwhile. */
export class Trainees {
  readonly #idle: Trainee[] = [];
  #next: Promise<Trainee>;

  constructor(readonly start: () => Promise<Trainee>) {
    this.#next = this.#begin();
  }

  async take(): Promise<Trainee> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (idle.alive) return idle;
    const next = this.#next;
    const trainee = await next;
    this.#next = this.#begin();
    return trainee;
  }

  /** For the next one to take; one that was struck as it finished is not handed out again. */
  giveBack(trainee: Trainee): void {
    if (trainee.alive) this.#idle.push(trainee);
  }

  async end(): Promise<void> {
    const next = await this.#next.catch(() => null);
    await Promise.all([...this.#idle, ...(next ? [next] : [])].map((trainee) => trainee.end()));
  }

  #begin(): Promise<Trainee> {
    const next = this.start();
    // Told to the one who takes it.
    next.catch(() => undefined);
    return next;
  }
}
