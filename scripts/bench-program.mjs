/**
 * `npm run bench:NAME [-- ARGUMENTS]`: bundles that program of bench/ from the sources as they are and becomes it. What it measures is
 * left to it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureBackbones } from './setup/backbones.mjs';
import { ensureBrowser } from './setup/browser.mjs';
import { ensureBuild } from './setup/build.mjs';
import { handOver } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end, tryEngine } from './setup/parts.mjs';
import { root } from './setup/places.mjs';
import { SetupError } from './setup/say.mjs';

/** What each needs beside the build. @type {Record<string, () => Promise<Record<string, string>>>} */
const needs = {
  labels: browser,
  grid: browser,
  matrix: browserAndEngine,
  labelling: engineAndBackbones,
  map: async () => ({ ...(await engineAndBackbones()), ...(await browser()) }),
  times: engineAndBackbones,
  head: engineAndBackbones,
  'step-costs': engineAndBackbones,
  coverage: () => Promise.resolve({}),
  'learning-curve': () => Promise.resolve({}),
  'label-errors': engineAndBackbones,
  'near-duplicates': engineAndBackbones,
  'altered-copies': async () => ({}),
  unknown: engineAndBackbones,
};

async function browserAndEngine() {
  await tryEngine();
  return browser();
}

async function engineAndBackbones() {
  await tryEngine();
  await ensureBackbones({ again: false });
  return {};
}

async function browser() {
  const { binary, reason } = await ensureBrowser();
  if (!binary) throw new SetupError(reason);
  return { ATELIER_CHROMIUM: binary };
}

checkNode();
try {
  const [name, ...args] = process.argv.slice(2);
  if (!Object.hasOwn(needs, name ?? ''))
    throw new SetupError(`Expected one of ${Object.keys(needs).join(', ')}, received ${name ?? 'none'}.`);
  await ensurePackages();
  await ensureBuild();
  const environment = await needs[name]();
  const outfile = join(root, 'node_modules', '.cache', 'atelier', `bench-${name}.cjs`);
  await createRequire(join(root, 'package.json'))('esbuild').build({
    absWorkingDir: root,
    entryPoints: [`bench/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    // Scripts for peers.
    loader: { '.py': 'text' },
    logLevel: 'error',
  });
  handOver(process.execPath, [outfile, root, ...args], environment);
} catch (error) {
  end(error);
}
