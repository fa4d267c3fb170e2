/** strace, for the tests that kill a program at each of its system calls. Linux only. */
import { installDebian } from './apt.mjs';
import { which } from './run.mjs';

/** @returns {Promise<{program: string} | {program: null, reason: string}>} */
export async function ensureStrace() {
  if (process.platform !== 'linux') return { program: null, reason: 'strace is for Linux only' };
  if (!which('strace')) {
    const { reason } = await installDebian(['strace'], 'strace for the tests');
    if (!which('strace')) return { program: null, reason: `no strace was found (${reason})` };
  }
  return { program: which('strace') };
}
