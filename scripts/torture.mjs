/**
 * `npm run torture -- NAME`: bundles torture/ from the sources as they are and becomes it. What it does, and the names, are
 * left to torture/index.ts.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureBuild } from './setup/build.mjs';
import { handOver } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end } from './setup/parts.mjs';
import { root } from './setup/places.mjs';
import { ensureStrace } from './setup/strace.mjs';
import { ensureTensorFlow } from './setup/tensorflow.mjs';

/** Programs that it starts and kills. */
const processes = ['training', 'saving', 'exporting', 'labelling', 'locking'].map(
  (name) => `${name}-process`,
);

checkNode();
const args = process.argv.slice(2);
try {
  await ensurePackages();
  if (['train', 'studio', 'export', 'mutated-bundle'].includes(args[0])) await ensureTensorFlow();
  // It kills the command line as people have it.
  if (args[0] === 'studio' || args[0] === 'import') await ensureBuild();
  // Where it is missing, torture says so.
  if (args[0] === 'checkpoint' || args[0] === 'export') await ensureStrace();
  const require = createRequire(join(root, 'package.json'));
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folder = join(root, 'node_modules', '.cache', 'atelier', 'torture');
  await require('esbuild').build({
    absWorkingDir: root,
    entryPoints: ['index', ...processes].map((name) => `torture/${name}.ts`),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
    logLevel: 'error',
    plugins: [
      {
        // `import text from './file?raw'`, as Vite has it.
        name: 'raw',
        setup(context) {
          context.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
            path: join(resolveDir, path.replace(/\?raw$/, '')),
            namespace: 'raw',
          }));
          context.onLoad({ filter: /.*/, namespace: 'raw' }, async ({ path }) => ({
            contents: await readFile(path, 'utf8'),
            loader: 'text',
          }));
        },
      },
    ],
  });
  handOver(process.execPath, [join(folder, 'index.cjs'), ...args]);
} catch (error) {
  end(error);
}
