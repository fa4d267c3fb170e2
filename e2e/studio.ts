/**
 * Starts the studio for a test, in a browser or in Electron, and gives its page. The specs do not know which of the
 * two they run in; what differs is kept here.
 */
import {
  _electron,
  type Browser,
  chromium,
  type ElectronApplication,
  expect,
  type Page,
  test as base,
} from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { atelier, cli, type Home, makeHome, root, smallSample } from './command-line.ts';

export interface StudioOptions {
  runtime: 'browser' | 'electron';
}

export interface OpenOptions {
  /** Project to open; the start screen if absent. */
  project?: string;
  /** As `npm start` does it: the sample project, with a first training. */
  sample?: boolean;
  colorScheme?: 'light' | 'dark';
  /** Whether a first model trains by itself after an import; most specs train for themselves. */
  firstModel?: true;
  /** Folder in which paths may be typed in a browser; a window of its own takes any. */
  allow?: string;
}

export interface Studio {
  page: Page;
  home: Home;
  /** The one-time address, used up. When served only. */
  address?: string;
  /** In Electron only. */
  app: ElectronApplication | null;
  /** Process ids of this studio's compute workers. */
  workers(): number[];
  close(): Promise<void>;
}

interface Fixtures {
  /** Opens a studio; all are closed after the test. */
  open(options?: OpenOptions): Promise<Studio>;
  /** A home for command lines. */
  home: Home;
  /** A copy of a project with a finished training, made once per run. */
  trained: string;
}
interface WorkerFixtures {
  trainedOriginal: string;
}

const loader = join(root, 'node_modules', 'playwright-core', 'lib', 'server', 'electron', 'loader.js');
const viewport = { width: 1280, height: 800 };
const asRoot = process.getuid?.() === 0;

export const test = base.extend<StudioOptions & Fixtures, WorkerFixtures>({
  runtime: ['browser', { option: true }],

  trainedOriginal: [
    // Playwright wants a destructured first argument.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const home = makeHome();
      const project = join(home.folder, 'Fashion-MNIST.atelier');
      await atelier(home, 'new', project, '--from', smallSample);
      await atelier(home, 'train', project, '--recipe', 'quick', '--set', 'training.epochs=8');
      await use(project);
      home.remove();
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  // eslint-disable-next-line no-empty-pattern
  home: async ({}, use) => {
    const home = makeHome();
    await use(home);
    home.remove();
  },

  trained: async ({ trainedOriginal, home }, use) => {
    const project = join(home.folder, basename(trainedOriginal));
    cpSync(trainedOriginal, project, { recursive: true });
    await use(project);
  },

  open: async ({ runtime }, use) => {
    const studios: Studio[] = [];
    await use(async (options = {}) => {
      const studio = await (runtime === 'electron' ? openElectron : openBrowser)(options);
      studios.push(studio);
      return studio;
    });
    for (const studio of studios) {
      await studio.close();
      studio.home.remove();
    }
  },
});
export { expect };

const projectArguments = ({ project, sample }: OpenOptions) =>
  sample ? ['--sample'] : project ? [project] : [];

/** As the person does it in the import dialog; runs in the page. */
const turnOffFirstModel = () => localStorage.setItem('atelier.first-model', 'off');

async function openBrowser(options: OpenOptions): Promise<Studio> {
  const home = makeHome();
  const allow = options.allow === undefined ? [] : ['--allow', options.allow];
  const args = [cli, 'serve', ...projectArguments(options), '--port', '0', ...allow];
  const server = spawn(process.execPath, args, { env: home.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let browser: Browser | null = null;
  const close = async () => {
    await browser?.close();
    await stop(server);
  };
  try {
    const address = await readAddress(server);
    browser = await chromium.launch({
      executablePath: process.env.ATELIER_CHROMIUM ?? '/usr/bin/chromium',
      args: asRoot ? ['--no-sandbox'] : [],
    });
    const context = await browser.newContext({ viewport, colorScheme: options.colorScheme ?? 'light' });
    if (!options.firstModel) await context.addInitScript(turnOffFirstModel);
    const page = await context.newPage();
    await page.goto(address);
    return { page, home, address, app: null, workers: () => workersOf(home), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The one-time address, once the server has printed it. */
function readAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output)?.[0];
      if (address) resolve(address);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.on('exit', (code) => reject(new Error(`the served studio ended with code ${code}: ${output}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  // eslint-disable-next-line no-restricted-syntax -- the last resort, against one that does not end
  const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(patience);
}

async function openElectron(options: OpenOptions): Promise<Studio> {
  const home = makeHome();
  const executablePath = process.env.ATELIER_TEST_ELECTRON;
  if (!executablePath)
    throw new Error(
      'ATELIER_TEST_ELECTRON is not set: run the tests with npm test, which finds an Electron.',
    );
  const app = await _electron.launch({
    executablePath,
    args: [
      ...loaderArguments(executablePath),
      join(root, 'out', 'main', 'index.cjs'),
      ...projectArguments(options),
    ],
    // Playwright switches the sandbox off unless told otherwise; as root Chromium cannot have it.
    chromiumSandbox: !asRoot,
    env: { ...(home.env as Record<string, string>), ATELIER_TEST_LOADER: loader },
    colorScheme: options.colorScheme ?? 'light',
  });
  const page = await app.firstWindow();
  if (!options.firstModel) await page.evaluate(turnOffFirstModel);
  const close = async () => {
    // What still trains is cancelled: the question is answered before it is asked.
    await app
      .evaluate(({ dialog }) => {
        dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false });
      })
      .catch(() => undefined);
    await app.close();
  };
  return { page, home, app, workers: () => workersOf(home), close };
}

/**
 * Playwright's loader holds the app back until Playwright listens. The Electron of the tests brings a program of its own
 * that loads it (scripts/setup/test-electron.mjs); any other is told to.
 */
const loaderArguments = (executablePath: string): string[] =>
  existsSync(join(dirname(executablePath), 'resources', 'app', 'index.js')) ? [] : ['-r', loader];

/** Workers are known by the settings file in their environment, which is this test's alone. */
function workersOf(home: Home): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker.cjs') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`ATELIER_STATE=${home.env.ATELIER_STATE}`)
        );
      } catch {
        return false;
      }
    });
}
