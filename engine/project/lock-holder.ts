/** Which process holds a lock on a database, where the system tells: Linux lists all locks in /proc. For people to read. */
import { readFileSync, statSync } from 'node:fs';

export interface Holder {
  pid: number;
  program: string;
}

/** Another process that holds the file, or the lock file of its log, for writing; null where that is not known. */
export function holderOfDatabase(path: string): Holder | null {
  try {
    const files = ['', '-shm'].flatMap((end) => {
      const found = statSync(path + end, { throwIfNoEntry: false });
      return found ? [String(found.ino)] : [];
    });
    // "12: POSIX  ADVISORY  WRITE 1234 08:01:5678 120 120"
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, kind, , how, pid, file] = line.trim().split(/\s+/);
      if (kind !== 'POSIX' || how !== 'WRITE' || !files.includes(file?.split(':')[2] ?? '')) continue;
      if (Number(pid) === process.pid || !(Number(pid) > 0)) continue;
      return { pid: Number(pid), program: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() };
    }
  } catch {
    // Not Linux, or not to be seen.
  }
  return null;
}
