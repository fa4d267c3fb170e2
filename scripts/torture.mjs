/**
 * `npm run torture -- train|studio|checkpoint|label|…`: bundles torture/ from the sources as they are and becomes it. What it does
 * is left to torture/.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureBuild } from './setup/build.mjs';
import { handOver } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end } from './setup/parts.mjs';
import { root } from './setup/places.mjs';
import { ensureStrace } from './setup/strace.mjs';
import { ensureTensorFlow } from './setup/tensorflow.mjs';

checkNode();
const args = process.argv.slice(2);
try {
  await ensurePackages();
  if (args[0] === 'train' || args[0] === 'studio') await ensureTensorFlow();
  // It kills the command line as people have it.
  if (args[0] === 'studio') await ensureBuild();
  // Where it is missing, torture says so.
  if (args[0] === 'checkpoint') await ensureStrace();
  const require = createRequire(join(root, 'package.json'));
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folder = join(root, 'node_modules', '.cache', 'atelier', 'torture');
  await require('esbuild').build({
    absWorkingDir: root,
    entryPoints: ['index', 'training-process', 'saving-process', 'labelling-process', 'locking-process'].map(
      (name) => `torture/${name}.ts`,
    ),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
    logLevel: 'error',
  });
  handOver(process.execPath, [join(folder, 'index.cjs'), ...args]);
} catch (error) {
  end(error);
}
