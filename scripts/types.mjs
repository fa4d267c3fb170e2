/** `npm run types`: the compiler for each runtime, over all rooms that run there, and svelte-check for the window. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/places.mjs';

const tool = (...path) => join(root, 'node_modules', ...path);
const compiler = tool('typescript', 'bin', 'tsc');
/** What one run found out is kept for the next. */
const kept = (name) => [
  '--incremental',
  '--tsBuildInfoFile',
  join(root, 'node_modules', '.cache', 'atelier', `${name}.tsbuildinfo`),
];

/** One program for each runtime: what several rooms import is checked once in it. */
const programs = [
  ['node', 'tsconfig.json'],
  ['pure', 'contract/tsconfig.json'],
  ['main', 'main/tsconfig.json'],
  ['preload', 'preload/tsconfig.json'],
  ['e2e', 'e2e/tsconfig.json'],
];

const svelteCheck = '--tsconfig renderer/tsconfig.json --output human --fail-on-warnings';

const checks = [
  ['renderer', [tool('svelte-check', 'bin', 'svelte-check'), ...svelteCheck.split(' ')]],
  ...programs.map(([name, config]) => [name, [compiler, '--project', config, ...kept(name)]]),
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
