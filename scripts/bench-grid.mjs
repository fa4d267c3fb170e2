/** `npm run bench:grid`: bundles bench/grid.ts from the sources as they are and becomes it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureBrowser } from './setup/browser.mjs';
import { ensureBuild } from './setup/build.mjs';
import { handOver } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end } from './setup/parts.mjs';
import { root } from './setup/places.mjs';
import { SetupError } from './setup/say.mjs';

checkNode();
try {
  await ensurePackages();
  await ensureBuild();
  const { binary, reason } = await ensureBrowser();
  if (!binary) throw new SetupError(reason);
  const outfile = join(root, 'node_modules', '.cache', 'atelier', 'bench-grid.cjs');
  await createRequire(join(root, 'package.json'))('esbuild').build({
    absWorkingDir: root,
    entryPoints: ['bench/grid.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  handOver(process.execPath, [outfile, root, ...process.argv.slice(2)], { ATELIER_CHROMIUM: binary });
} catch (error) {
  end(error);
}
