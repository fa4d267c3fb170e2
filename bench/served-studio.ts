/** A built studio as people have it in a browser: served by a process of its own, and the browser that looks at it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from '@playwright/test';

/** Serves a project as people have it. @param checkout that is built @param engine whether the native one is loaded: most have no part for it */
export async function serve(
  checkout: string,
  project: string,
  engine = false,
): Promise<{ address: string; end(): Promise<void> }> {
  const program = join(checkout, 'out', 'main', 'cli.cjs');
  const server = spawn(process.execPath, [program, 'serve', project, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(!engine && { ATELIER_ENGINE: 'wasm' }) },
  });
  const address = await new Promise<string>((resolve) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as { url?: string };
      if (told.url) resolve(told.url);
    });
  });
  return {
    address,
    async end() {
      server.kill('SIGINT');
      await new Promise((resolve) => server.once('exit', resolve));
    },
  };
}

export function launchBrowser(...args: string[]): Promise<Browser> {
  const executablePath = process.env['ATELIER_CHROMIUM'];
  return chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [...args, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
}
