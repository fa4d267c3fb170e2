/**
 * `npm start`: sets up what is missing, then opens the studio on the sample project. A window where there is a
 * display and an Electron, otherwise the studio is served and the one-time address printed, with the reason.
 *
 *   npm start -- [--no-window] [--port N] [--allow FOLDER] [--gpu] [--accept-unverified] [PROJECT]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBackbones } from './setup/backbones.mjs';
import { ensureBuild } from './setup/build.mjs';
import { ensureFashionMnist } from './setup/dataset.mjs';
import { ensureElectron, whyNoDisplay } from './setup/electron.mjs';
import { handOver, handOverWindow } from './setup/hand-over.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end, tryEngine } from './setup/parts.mjs';
import { root } from './setup/places.mjs';
import { isRoot } from './setup/run.mjs';
import { say, sinceStart, SetupError } from './setup/say.mjs';

const options = {
  'no-window': { type: 'boolean', default: false },
  port: { type: 'string' },
  allow: { type: 'string', multiple: true, default: [] },
  gpu: { type: 'boolean', default: false },
  'accept-unverified': { type: 'boolean', default: false },
};

function readArguments() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new SetupError(
      `${error.message}. Use: npm start -- [--no-window] [--port N] [--allow FOLDER] [--gpu] [--accept-unverified] [PROJECT]`,
    );
  }
}

/** Electron's binary, or why the studio is served instead. */
async function chooseWindow(asked) {
  if (!asked) return { binary: null, reason: '--no-window was given' };
  const noDisplay = whyNoDisplay();
  return noDisplay ? { binary: null, reason: noDisplay } : ensureElectron();
}

checkNode();
try {
  const { values, positionals } = readArguments();
  await ensurePackages();
  const [, , window] = await Promise.all([
    tryEngine({ gpu: values.gpu }).then((engine) => ensureBackbones().then(() => engine)),
    positionals.length === 0 ? ensureFashionMnist() : null,
    chooseWindow(!values['no-window']),
    ensureBuild(),
  ]);
  const project = positionals[0] ? [positionals[0]] : ['--sample'];
  let { reason } = window;
  if (window.binary) {
    say(`Opening the studio (ready after ${sinceStart()}).`);
    // Chromium refuses its sandbox to root.
    const sandbox = isRoot() ? ['--no-sandbox'] : [];
    await handOverWindow(window.binary, [join(root, 'out', 'main', 'index.cjs'), ...sandbox, ...project], {
      ATELIER_NODE: process.execPath,
    });
    reason = 'Electron could not open one (what it said stands above)';
  }
  say(`No window, because ${reason}. Serving the studio to a browser instead (ready after ${sinceStart()}).`);
  const port = values.port ? ['--port', values.port] : [];
  const allowed = values.allow.flatMap((folder) => ['--allow', folder]);
  const words = ['serve', ...project, ...port, ...allowed];
  await handOver(process.execPath, [join(root, 'out', 'main', 'cli.cjs'), ...words]);
} catch (error) {
  end(error);
}
