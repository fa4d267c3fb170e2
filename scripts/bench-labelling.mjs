/** `npm run bench:labelling [-- FOLDER] [SIZES]`: bundles bench/labelling.ts from the sources as they are and becomes it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureBuild } from './setup/build.mjs';
import { handOver } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end } from './setup/parts.mjs';
import { root } from './setup/places.mjs';

checkNode();
try {
  await ensurePackages();
  await ensureBuild();
  const outfile = join(root, 'node_modules', '.cache', 'atelier', 'bench-labelling.cjs');
  await createRequire(join(root, 'package.json'))('esbuild').build({
    absWorkingDir: root,
    entryPoints: ['bench/labelling.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  handOver(process.execPath, [outfile, root, ...process.argv.slice(2)], {});
} catch (error) {
  end(error);
}
