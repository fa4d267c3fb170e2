/** What the commands share: the engine as a wish, not a condition, and the one way to end on a failure. */
import { say, SetupError } from './say.mjs';
import { ensureTensorFlow } from './tensorflow.mjs';

/** libtensorflow if it can be had; otherwise says why, and the studio goes on with its next engine. */
export async function tryEngine(options) {
  try {
    return await ensureTensorFlow(options);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`  ${error.message} Going on with the next engine (WebGPU or WebAssembly), which is slower.`);
    return null;
  }
}

/** Ends the process on a failure of set-up: one sentence for an expected one, the stack for a fault of ours. */
export function end(error) {
  say(
    error instanceof SetupError
      ? `Atelier could not be set up: ${error.message}`
      : `Atelier's set-up met a fault of its own, please report it:\n${error.stack}`,
  );
  process.exit(1);
}

/** Node's version is checked before anything is imported that an older one could not read. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return;
  end(
    new SetupError(
      `Node.js 20.19, 22.12 or newer is needed and this is ${process.versions.node}; install a newer one from nodejs.org or with your package manager.`,
    ),
  );
}
