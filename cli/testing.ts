/** For tests only: the command line as processes, bundled from the sources as they are and read as a script would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '#engine/testing.ts';

/** A grey PNG of 8×8 pixels. */
export const grey = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR4nGNogAIGyhgAgIQgAQ2AJGEAAAAASUVORK5CYII=',
  'base64',
);

export interface Line {
  event: string;
  url?: string;
  port?: number;
  code?: string;
  message?: string;
  [field: string]: unknown;
}

interface Ended {
  code: number | null;
  out: string;
  err: string;
  /** With --json. */
  lines: Line[];
  last: Line;
}

/** Where the machine keeps what is fetched once. */
const cache =
  process.env.ATELIER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'atelier');

export class TestCommandLine {
  readonly folder: string;
  readonly project: string;
  #script = '';
  #environment: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();

  /** @param environment in place of what the processes are given else */
  constructor(name: string, environment: NodeJS.ProcessEnv = {}) {
    this.folder = mkdtempSync(join(tmpdir(), `atelier-${name}-`));
    this.project = this.at('P.atelier');
    this.#environment = {
      ...process.env,
      HOME: this.folder,
      XDG_CONFIG_HOME: this.at('config'),
      ATELIER_CACHE: cache,
      ATELIER_STATE: this.at('state.json'),
      ATELIER_RENDERER: this.at('page'),
      ...environment,
    };
  }

  at = (...names: string[]): string => join(this.folder, ...names);

  async build(): Promise<void> {
    // Stands for the built window, which the units do without.
    mkdirSync(this.at('page'));
    writeFileSync(this.at('page', 'index.html'), '<!doctype html><title>Atelier</title>');
    this.#script = await bundle('cli/index.ts');
    this.#environment['ATELIER_WORKER'] = await bundle('engine/worker/index.ts');
  }

  /** Also makes `project`, of the small Fashion-MNIST. @param run the name of one to be trained in it, for an epoch */
  async buildAndFill(run?: string): Promise<void> {
    await this.build();
    const made = [await this.run('new', this.project, '--from', 'fashion-mnist-small')];
    const args = ['train', this.project, '--recipe', 'quick', '--set', 'training.epochs=1', '--name'];
    if (run !== undefined) made.push(await this.run(...args, run));
    for (const { code, err } of made) if (code !== 0) throw new Error(err);
  }

  start = (...args: string[]) => {
    const child = spawn(process.execPath, [this.#script, ...args], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    let [out, err] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (out += String(part)));
    child.stderr.on('data', (part: Buffer) => (err += String(part)));
    const lines = () => {
      const whole = args.includes('--json') ? out.split('\n').slice(0, -1) : [];
      return whole.map((line) => JSON.parse(line) as Line);
    };
    const ended = new Promise<Ended>((resolve) =>
      child.on('close', (code) => {
        this.#running.delete(child);
        resolve({ code, out, err, lines: lines(), last: lines().at(-1) ?? { event: 'none' } });
      }),
    );
    /** Resolves once `look` finds something in what was printed. */
    const when = <T>(look: (printed: { lines: Line[]; err: string }) => T | undefined): Promise<T> =>
      new Promise((resolve, reject) => {
        const see = () => {
          const found = look({ lines: lines(), err });
          if (found !== undefined) resolve(found);
        };
        child.stdout.on('data', see);
        child.stderr.on('data', see);
        void ended.then(() => reject(new Error(`It ended: ${out}${err}`)));
        see();
      });
    /** The event of this name, of several the one of this number. */
    const saw = (name: string, number = 1) =>
      when((printed) => printed.lines.filter(({ event }) => event === name)[number - 1]);
    return { child, ended, when, saw };
  };

  run = (...args: string[]): Promise<Ended> => this.start(...args).ended;

  close(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
