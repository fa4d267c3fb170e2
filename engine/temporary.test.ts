/** What killed studios leave is removed by the next one; what belongs to a live one, or to another program, never. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeTemporary } from './temporary.ts';
import { bundle } from './testing.ts';

let parent: string;
const processes: ChildProcess[] = [];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'atelier-temporary-'));
});
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  rmSync(parent, { recursive: true, force: true });
});

async function start(): Promise<{ child: ChildProcess; path: string }> {
  const child = spawn(process.execPath, [await bundle('engine/testing-temporary-process.ts'), parent], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, path: line.toString().trim() };
}

it('removes the folder of a killed studio with its uploads, and leaves those of live ones alone', async () => {
  const [killed, live] = [await start(), await start()];
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  expect(existsSync(join(killed.path, 'uploads'))).toBe(true);
  // Of no owner: being made, of another program, of a longer name.
  for (const name of ['atelier-abcdef', 'atelier-test-abcdef', 'other-abcdef']) {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, 'file'), 'x');
  }
  writeFileSync(join(parent, 'atelier-abcdef', 'owner.sqlite'), '');

  const own = makeTemporary(parent);
  await own.swept;
  expect(existsSync(killed.path)).toBe(false);
  expect(readdirSync(join(live.path, 'uploads'))).toHaveLength(1);
  const other = makeTemporary(parent);
  await other.swept;
  expect(existsSync(own.path)).toBe(true);
  own.remove();
  other.remove();
  expect(readdirSync(parent).sort()).toEqual(
    ['atelier-abcdef', 'atelier-test-abcdef', live.path.split('/').pop()!, 'other-abcdef'].sort(),
  );
});
