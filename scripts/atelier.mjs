/**
 * The command line: `npm run -s atelier -- COMMAND …`. Makes sure of packages, engine and build (on stderr,
 * silent when nothing is to do), then becomes out/main/cli.cjs. What the commands do is left to cli/.
 */
import { join } from 'node:path';
import { ensureBackbones } from './setup/backbones.mjs';
import { ensureBuild } from './setup/build.mjs';
import { ensureFashionMnist } from './setup/dataset.mjs';
import { engineCommands } from './setup/engine-commands.mjs';
import { handOver } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end, tryEngine } from './setup/parts.mjs';
import { root } from './setup/places.mjs';

checkNode();
const args = process.argv.slice(2);
const [command = 'help'] = args;
try {
  await ensurePackages();
  if (engineCommands.includes(command)) {
    await tryEngine();
    await ensureBackbones({ again: false });
  }
  if (args.includes('fashion-mnist') || args.includes('--sample')) await ensureFashionMnist();
  await ensureBuild();
  handOver(process.execPath, [join(root, 'out', 'main', 'cli.cjs'), ...args]);
} catch (error) {
  end(error);
}
