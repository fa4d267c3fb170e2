/** `npm run types`: the compiler in every room with that room's own runtime, then svelte-check for the components. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/places.mjs';

const rooms = [
  'recipe',
  'contract',
  'learning',
  'engine',
  'cli',
  'bench',
  'torture',
  'main',
  'preload',
  'e2e',
];
const tool = (...path) => join(root, 'node_modules', ...path);
const compiler = tool('typescript', 'bin', 'tsc');

const checks = [
  ...rooms.map((room) => [room, [compiler, '--project', room]]),
  ['configuration', [compiler, '--project', 'tsconfig.json']],
  [
    'renderer',
    [
      tool('svelte-check', 'bin', 'svelte-check'),
      '--tsconfig',
      'renderer/tsconfig.json',
      '--output',
      'human',
      '--fail-on-warnings',
    ],
  ],
].filter(([, args]) => existsSync(args[0]));

function check([name, args]) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      const passed = code === 0;
      console.error(`${passed ? '✓' : '✗'} types: ${name}`);
      if (!passed) console.error(output.trim());
      resolve(passed);
    });
  });
}

// Two at a time: each takes most of a core and some hundred megabytes.
const queue = [...checks];
let failed = 0;
const work = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) if (!(await check(next))) failed += 1;
};
await Promise.all([work(), work()]);
process.exit(failed > 0 ? 1 : 0);
