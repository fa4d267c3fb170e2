/**
 * One measured mode in a process of its own: it says "ready", then answers each line on stdin with the
 * images per second of one round. peers/pytorch.py speaks the same way; turns.ts takes turns between them.
 * The modes of profile.ts, and `precisions`, read nothing: they write and end.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Precision } from '#recipe/training.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { type BackboneMode, backboneModes, runBackboneMode } from './backbone-mode.ts';
import { folderVariable, runIntakeMode } from './intake-mode.ts';
import { runEpochMode } from './epoch-mode.ts';
import { type Precisions, serveRounds } from './lines.ts';
import { BATCH_SIZE, buildBenchNetwork } from './network.ts';
import { profileModes, profileStart, type ProfiledSteps } from './profile.ts';
import { stepRecipe } from './recipes.ts';
import { openStudioStep, requirePeer } from './studio-step.ts';

export const atelierModes = ['traced', 'traced-bfloat16', 'eager-fused', 'eager'] as const;
export type AtelierMode = (typeof atelierModes)[number];
export const pytorchModes = [
  'pytorch-eager',
  'pytorch-channels-last',
  'pytorch-compile',
  'pytorch-bfloat16',
] as const;
export type BenchMode = AtelierMode | (typeof pytorchModes)[number];

export const isBfloat16 = (mode: string): boolean => mode.endsWith('-bfloat16');

const profiledSteps = 30;

/**
 * Serves rounds of `mode` until stdin ends. Each line read is the seconds a round should take.
 * Throws USAGE where there is no such mode, ENGINE_FAILED where its precision cannot be had.
 */
export async function runBenchMode(mode: string, write: (line: string) => void): Promise<void> {
  if (mode === 'epoch') return runEpochMode(write);
  if (mode === 'precisions') return tellPrecisions(write);
  if ((backboneModes as readonly string[]).includes(mode))
    return runBackboneMode(mode as BackboneMode, write);
  if (mode === 'intake') return runIntakeMode(write);
  if (mode === 'intake-pictures') {
    // sharp is loaded where pictures are made, and nowhere else.
    const { writePictures } = await import('./intake-pictures.ts');
    return writePictures(process.env[folderVariable] ?? '');
  }
  const profiling = Object.values(profileModes).includes(mode);
  if (!profiling && !(atelierModes as readonly string[]).includes(mode)) {
    const modes = [
      ...atelierModes,
      'epoch',
      ...Object.values(profileModes),
      'precisions',
      'intake',
      'intake-pictures',
      ...backboneModes,
    ];
    throw new AtelierError('USAGE', `Mode was expected to be one of ${modes.join(', ')}; received ${mode}.`);
  }
  const precision = isBfloat16(mode) ? 'bfloat16' : 'float32';
  const engine = await openEngine({ precision });
  const step = mode.startsWith('eager') ? eagerStep(mode) : tracedStep(precision);
  for (let i = 0; i < 3; i++) await step.run();
  if (profiling) {
    write(profileStart);
    const start = performance.now();
    for (let i = 0; i < profiledSteps; i++) await step.run();
    const done: ProfiledSteps = { steps: profiledSteps, milliseconds: performance.now() - start };
    write(JSON.stringify(done));
    return;
  }

  const { kind, version, device, threads } = engine.info;
  await serveRounds(write, { library: `${kind} ${version}`, device, threads }, async (amount) => {
    const until = performance.now() + amount * 1000;
    const start = performance.now();
    let steps = 0;
    let loss: number;
    do {
      loss = await step.run();
      steps++;
    } while (performance.now() < until);
    const seconds = (performance.now() - start) / 1000;
    return { imagesPerSecond: (steps * BATCH_SIZE) / seconds, loss };
  });
  step.dispose();
  engine.close();
}

interface MeasuredStep {
  /** Trains once on the batch, the same each time. @returns the loss, which is read after each step as PyTorch's is */
  run(): Promise<number>;
  dispose(): void;
}

/**
 * The studio's own. Unlike the peers, which are handed a batch that is ready, it gathers and normalises the batch from
 * bytes in each step and counts what was right: it has more to do, never less.
 */
function tracedStep(precision: Precision): MeasuredStep {
  const recipe = { ...stepRecipe, training: { ...stepRecipe.training, precision } };
  const step = openStudioStep(recipe, BATCH_SIZE);
  let [number, sum] = [0, 0];
  return {
    async run() {
      step.run(step.all, recipe.training.learningRate, ++number);
      const before = sum;
      sum = (await step.totals()).loss;
      return sum - before;
    },
    dispose: () => step.dispose(),
  };
}

function eagerStep(mode: string): MeasuredStep {
  const network = buildBenchNetwork(mode === 'eager' ? 'composed' : 'fused');
  requirePeer(network.parameters);
  const x = tf.randomNormal<tf.Rank.R4>([BATCH_SIZE, 28, 28, 1]);
  const labels = tf.tensor1d(
    Array.from({ length: BATCH_SIZE }, (_, i) => i % 10),
    'int32',
  );
  return {
    run() {
      const value = tf.tidy(() => network.step(x, labels));
      const [loss] = value.dataSync();
      value.dispose();
      return Promise.resolve(loss!);
    },
    dispose: () => tf.dispose([x, labels]),
  };
}

/** Says what the engine of this machine can compute in, so that nobody else has to open one. */
async function tellPrecisions(write: (line: string) => void): Promise<void> {
  const engine = await openEngine();
  engine.close();
  const precisions: Precisions = { bfloat16: engine.info.bfloat16 };
  write(JSON.stringify(precisions));
}
