/**
 * `npm run e2e`: the end-to-end tests with Playwright's own arguments. With `--electron PATH` those in a window alone, in
 * the Electron of that path: any that a person has, such as the one people get (docs/release.md).
 *
 *   npm run e2e -- [--electron PATH] [Playwright's arguments]
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureBackbones } from './setup/backbones.mjs';
import { ensureBuild } from './setup/build.mjs';
import { handOver } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end } from './setup/parts.mjs';
import { root } from './setup/places.mjs';
import { isRoot, run } from './setup/run.mjs';
import { say, SetupError } from './setup/say.mjs';
import { ensureTensorFlow } from './setup/tensorflow.mjs';
import { ensureDisplay } from './setup/xvfb.mjs';

const playwright = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
const config = ['test', '--config', 'e2e/playwright.config.ts'];

/** Takes `--electron PATH` or `--electron=PATH` out of the arguments. @throws {SetupError} where no path follows */
export function readElectron(args) {
  const at = args.findIndex((argument) => argument === '--electron' || argument.startsWith('--electron='));
  if (at < 0) return { path: null, rest: args };
  const [first, next] = args.slice(at);
  const apart = first === '--electron';
  const path = apart ? next : first.slice('--electron='.length);
  if (!path || path.startsWith('-'))
    throw new SetupError(
      'Expected the path of an Electron binary after --electron. Use: npm run e2e -- --electron PATH',
    );
  return { path, rest: [...args.slice(0, at), ...args.slice(at + (apart ? 2 : 1))] };
}

/** Electron's, Chrome's (newer ones tell it) and Node's versions, asked of the binary itself. @throws {SetupError} where it is none */
export async function versionsOf(binary) {
  if (!existsSync(binary))
    throw new SetupError(`--electron names ${binary}, which is not there. Name the binary, not its folder.`);
  const question = 'JSON.stringify(process.versions)';
  const { code, stdout } = await run(binary, ['-p', question], { env: { ELECTRON_RUN_AS_NODE: '1' } });
  try {
    const { electron, chrome, node } = JSON.parse(stdout);
    if (code === 0 && electron) return { electron, chrome, node };
  } catch {
    // Said below.
  }
  throw new SetupError(`--electron names ${binary}, which is no Electron: it does not tell its version.`);
}

async function runAll() {
  const { path, rest } = readElectron(process.argv.slice(2));
  await ensurePackages();
  if (path === null) return handOver(process.execPath, [playwright, ...config, ...rest], {});
  const binary = resolve(path);
  const { electron, chrome, node } = await versionsOf(binary);
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.electron;
  say(
    `Electron ${electron} (${chrome ? `Chrome ${chrome}, ` : ''}Node ${node}); ${electron === wanted ? 'the one that package.json names' : `package.json names ${wanted}`}.`,
  );
  await ensureTensorFlow();
  await ensureBackbones();
  await ensureBuild();
  const display = await ensureDisplay();
  if (display.display === null) throw new SetupError(display.reason);
  if (isRoot()) say('As root, Chromium runs without its sandbox here; as another user it runs with it.');
  return handOver(process.execPath, [playwright, ...config, '--project=electron', ...rest], {
    ATELIER_TEST_ELECTRON: binary,
    DISPLAY: display.display,
  });
}

if (process.argv[1] === join(root, 'scripts', 'e2e.mjs')) {
  checkNode();
  await runAll().catch(end);
}
