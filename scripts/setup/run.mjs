/** Runs other programs: output is kept, not shown, so that a failure can quote its end. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Full path of a program on PATH, or null. */
export function which(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        continue;
      }
    }
  }
  return null;
}

export const isRoot = () => process.getuid?.() === 0;

/**
 * Runs a program to its end. Never throws: a program that cannot be started ends with code 127.
 * @returns {Promise<{code: number, output: string, stdout: string, timedOut: boolean}>} output: the last 64 KB of both streams
 */
export function run(command, args, { cwd, env, timeout, onOutput } = {}) {
  return new Promise((resolve) => {
    const shell = process.platform === 'win32' && /\.(cmd|bat)$/i.test(command);
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell,
    });
    let output = '';
    let stdout = '';
    let timedOut = false;
    const timer =
      timeout &&
      setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
      }, timeout);
    const keep = (chunk) => {
      output = (output + chunk).slice(-65536);
      onOutput?.(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout = (stdout + chunk).slice(-1048576);
      keep(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => finish(127, error.message));
    child.on('close', (code, signal) => finish(code ?? 128, signal ? `ended by ${signal}` : ''));
    function finish(code, note) {
      clearTimeout(timer);
      resolve({ code, output: output + note, stdout, timedOut });
    }
  });
}

/** The last line that says something, for one-sentence messages. */
export function lastLine(output) {
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  return (
    lines.filter((line) => line && !line.startsWith('npm warn') && !line.startsWith('[notice]')).pop() ??
    'no output'
  );
}
