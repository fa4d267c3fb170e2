/**
 * Set-up alone: packages, engine, data, build. `npm start`, `npm test` and `npm run atelier` do what they need
 * of it by themselves; this is for doing it beforehand (`node scripts/setup.mjs [--gpu] [--accept-unverified]`).
 */
import { ensureBackbones } from './setup/backbones.mjs';
import { ensureBuild } from './setup/build.mjs';
import { ensureFashionMnist } from './setup/dataset.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { end, tryEngine } from './setup/parts.mjs';
import { say, sinceStart } from './setup/say.mjs';

try {
  await ensurePackages();
  const engine = await tryEngine({ gpu: process.argv.includes('--gpu') });
  const backbones = await ensureBackbones();
  const data = await ensureFashionMnist();
  await ensureBuild();
  say(
    `Ready after ${sinceStart()}. TensorFlow: ${engine ? `${engine.folder} (${engine.how})` : 'none'}. Backbones: ${backbones.join(', ') || 'none'}. Fashion-MNIST: ${data.folder}.`,
  );
} catch (error) {
  end(error);
}
