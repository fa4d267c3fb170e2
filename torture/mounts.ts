/** File systems of their own, small or read-only, for tests of what happens there. Linux and root only: `mount`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function run(...args: string[]): string | null {
  const { error, status, stderr } = spawnSync(args[0]!, args.slice(1), { encoding: 'utf8' });
  if (error) return String(error);
  return status === 0 ? null : stderr.trim() || `${args[0]} ended with ${status}`;
}

/** Why nothing can be mounted here; null where it can. */
export function whyNoMount(): string | null {
  if (process.platform !== 'linux') return 'mounting is tried on Linux only';
  if (process.getuid?.() !== 0) return 'mounting needs root';
  const at = mkdtempSync(join(tmpdir(), 'atelier-mount-'));
  const reason = run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at);
  if (reason === null) run('umount', at);
  rmdirSync(at);
  return reason;
}

function must(...args: string[]): void {
  const reason = run(...args);
  if (reason !== null) throw new Error(`${args.join(' ')}: ${reason}`);
}

/** A file system in memory that holds so many bytes. */
export function mountSmall(at: string, bytes: number): void {
  mkdirSync(at, { recursive: true });
  must('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', at);
}

/** The folder once more at another place, where nothing can be written. */
export function mountReadOnly(folder: string, at: string): void {
  mkdirSync(at, { recursive: true });
  must('mount', '--bind', folder, at);
  must('mount', '-o', 'remount,ro,bind', at);
}

export const unmount = (at: string): void => must('umount', at);

/** Leaves so many bytes free, whole pages of them. */
export function fill(at: string, free: number): void {
  const { bavail, bsize } = statfsSync(at);
  const pages = bavail - Math.ceil(free / bsize);
  if (pages > 0) writeFileSync(join(at, 'filler'), Buffer.alloc(pages * bsize));
}
