/** The quick form of `npm run torture -- checkpoint`: killed at every system call of a save, and shown to notice. */
import { beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '#engine/testing.ts';
import { strikeEverySystemCall } from './checkpoint.ts';
import { whyNoStrace } from './strace.ts';

const reason = whyNoStrace();
/** Where everything must run, a missing strace is a failure that says so. */
const skipped = reason !== null && process.env['CI'] !== 'true';

describe.skipIf(skipped)(`a save under strace${reason ? ` (not possible here: ${reason})` : ''}`, () => {
  let command: string[];
  let result: Awaited<ReturnType<typeof strikeEverySystemCall>>;
  beforeAll(async () => {
    if (reason) throw new Error(`This test needs strace: ${reason}.`);
    command = [process.execPath, await bundle('torture/saving-process.ts')];
    result = await strikeEverySystemCall({ command, ways: ['KILL'] });
  });

  test('killed at each of its system calls, leaves the old state or the new one, whole', () => {
    expect(result.losses).toEqual([]);
    expect(result.calls).toMatchObject({
      write: expect.any(Number),
      fsync: 4,
      rename: 2,
      unlink: 1,
    });
    expect(result.runs).toBe(Object.values(result.calls).reduce((sum, count) => sum + count));
    // Both sides of the moment that decides were seen.
    expect(Math.min(result.old, result.new)).toBeGreaterThan(5);
  });

  test('writes and syncs the temporary file, renames it, syncs the folder, and only then removes an old one', () => {
    const of = (name: string) =>
      result.order.flatMap((line) => {
        const call = /^\w+/.exec(line)![0];
        if (!['write', 'fsync', 'rename', 'unlink'].includes(call)) return [];
        return line.includes(name) || ['write', 'fsync'].includes(call) ? [call] : [];
      });
    const calls = of('checkpoint').filter(
      (call, index, all) => call !== 'write' || all[index - 1] !== 'write',
    );
    // The model's own write and its two syncs come first.
    expect(calls).toEqual(['write', 'fsync', 'fsync', 'write', 'fsync', 'rename', 'fsync', 'unlink']);
  });

  test('a writer without a temporary file is noticed', async () => {
    const { losses } = await strikeEverySystemCall({ command, ways: ['KILL'], sabotage: 'in-place' });
    expect(losses.length).toBeGreaterThan(2);
    expect(losses.join('\n')).toMatch(/KILL at write \d: passed over checkpoint-24.safetensors/);
  });
});
