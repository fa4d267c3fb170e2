import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { memoryKills, ranOutOfMemory } from './memory.ts';

const exit = (change: object) => ({ code: null, signal: null, stderr: '', ...change });

it('reads what the system counts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-memory-'));
  const file = join(folder, 'vmstat');
  writeFileSync(file, 'nr_free_pages 1200\ndrop_pagecache 0\noom_kill 17\nunevictable_pgs_culled 9\n');
  expect(memoryKills(file)).toBe(17);
  writeFileSync(file, 'nr_free_pages 1200\n');
  expect(memoryKills(file)).toBeNull();
  expect(memoryKills(join(folder, 'none'))).toBeNull();
  rmSync(folder, { recursive: true });
});

it.each([
  ['killed while the system killed for memory', exit({ signal: 'SIGKILL' }), 3, 4, true],
  ['killed through a shell then', exit({ code: 137 }), 3, 4, true],
  ['killed by somebody', exit({ signal: 'SIGKILL' }), 3, 3, false],
  ['killed where the system does not tell', exit({ signal: 'SIGKILL' }), null, null, false],
  ['crashed while another process was killed', exit({ signal: 'SIGSEGV' }), 3, 4, false],
  ['aborted by C++', exit({ signal: 'SIGABRT', stderr: 'what():  std::bad_alloc' }), null, null, true],
  ['aborted by V8', exit({ code: 134, stderr: 'FATAL ERROR: JavaScript heap out of memory' }), 0, 0, true],
  ['aborted for another reason', exit({ signal: 'SIGABRT', stderr: 'Check failed: x' }), 0, 0, false],
])('%s', (_, ended, before, now, expected) => expect(ranOutOfMemory(ended, before, now)).toBe(expected));
