/** A virtual display for the tests where there is none: Xvfb on a free number, ended with this process. */
import { spawn } from 'node:child_process';
import { installDebian } from './apt.mjs';
import { which } from './run.mjs';

/** @returns {Promise<{display: string, close(): void} | {display: null, reason: string}>} */
export async function ensureDisplay() {
  if (process.env.DISPLAY || process.platform !== 'linux')
    return { display: process.env.DISPLAY ?? '', close() {} };
  if (!which('Xvfb')) {
    const { reason } = await installDebian(['xvfb', 'xauth'], 'a virtual display for the tests');
    if (!which('Xvfb')) return { display: null, reason: `there is no display and no Xvfb (${reason})` };
  }
  return new Promise((resolve) => {
    // -displayfd lets Xvfb choose a free number and write it to descriptor 3.
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const close = () => server.kill();
    process.on('exit', close);
    const timer = setTimeout(
      () => resolve({ display: null, reason: 'Xvfb gave no answer within a minute; run again' }),
      60_000,
    );
    server.on('error', (error) =>
      resolve({ display: null, reason: `Xvfb could not be started (${error.message})` }),
    );
    server.on('exit', (code) => resolve({ display: null, reason: `Xvfb ended with code ${code}` }));
    server.stdio[3].setEncoding('utf8').on('data', (text) => {
      clearTimeout(timer);
      server.unref();
      server.stdio[3].unref();
      resolve({ display: `:${text.trim()}`, close });
    });
  });
}
