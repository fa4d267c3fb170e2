/** One writer at a time for a place in the cache or the build: a file with the holder's process id. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say, SetupError } from './say.mjs';

const held = new Set();
process.on('exit', () => held.forEach((path) => rmSync(path, { force: true })));

/** True while the process that wrote the lock lives. A lock that is still empty is taken for living for two seconds. */
function holderLives(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (!pid) return Date.now() - statSync(path).mtimeMs < 2000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const notWritable = (path, error) =>
  new SetupError(
    `${dirname(path)} cannot be written to (${error.code}); make it yours, or move the cache with ATELIER_CACHE.`,
  );

/** Waits for the lock, runs `work`, frees the lock. A lock left by a process that is gone is taken over. */
export async function withLock(path, what, work) {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw notWritable(path, error);
  }
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw notWritable(path, error);
      if (error.code !== 'EEXIST') throw error;
      if (!holderLives(path)) {
        rmSync(path, { force: true });
        continue;
      }
      if (!waited) say(`· Waiting for another Atelier that is ${what}`);
      await sleep(300);
    }
  }
  held.add(path);
  try {
    return await work();
  } finally {
    held.delete(path);
    rmSync(path, { force: true });
  }
}
