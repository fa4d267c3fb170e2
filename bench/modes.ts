/**
 * One measured mode in a process of its own: it says "ready", then answers each line on stdin with the
 * images per second of one round. peers/pytorch.py speaks the same way; index.ts takes turns between them.
 */
import * as tf from '@tensorflow/tfjs';
import { createInterface } from 'node:readline';
import { AtelierError } from '#contract/errors.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { trace } from '#learning/tensorflow/trace.ts';
import { BATCH_SIZE, buildBenchNetwork, PARAMETERS } from './network.ts';

export const atelierModes = ['traced', 'eager-fused', 'eager'] as const;
export type AtelierMode = (typeof atelierModes)[number];
export const pytorchModes = ['pytorch-eager', 'pytorch-channels-last', 'pytorch-compile'] as const;
export type BenchMode = AtelierMode | (typeof pytorchModes)[number];

/** What a measuring process writes, a JSON object a line: first `Ready`, then a `Round` for each line it reads. */
export interface Ready {
  ready: true;
  /** "TensorFlow 2.21.0" */
  library: string;
  device: string;
  threads: number;
}
export interface Round {
  imagesPerSecond: number;
  loss: number;
}

/** Serves rounds of `mode` until stdin ends. Each line read is the seconds a round should take. */
export async function runBenchMode(mode: string, write: (line: string) => void): Promise<void> {
  if (!(atelierModes as readonly string[]).includes(mode)) {
    throw new AtelierError(
      'USAGE',
      `Mode was expected to be one of ${atelierModes.join(', ')}, received ${mode}.`,
    );
  }
  const engine = await openEngine();
  const { info } = engine;
  const network = buildBenchNetwork(mode === 'eager' ? 'composed' : 'fused');
  if (network.parameters !== PARAMETERS) {
    throw new AtelierError(
      'INTERNAL',
      `The network has ${network.parameters} parameters, not ${PARAMETERS}.`,
    );
  }
  const x = tf.randomNormal<tf.Rank.R4>([BATCH_SIZE, 28, 28, 1]);
  const labels = tf.tensor1d(
    Array.from({ length: BATCH_SIZE }, (_, i) => i % 10),
    'int32',
  );
  const registered = () => Object.values(tf.engine().registeredVariables) as tf.Variable[];
  const traced = trace(
    (images, classes) => [network.step(images as tf.Tensor4D, classes as tf.Tensor1D)],
    registered,
  );
  const step = mode === 'traced' ? () => traced(x, labels)[0]! : () => tf.tidy(() => network.step(x, labels));
  for (let i = 0; i < 3; i++) step().dispose();

  const ready: Ready = {
    ready: true,
    library: `${info.kind} ${info.version}`,
    device: info.device,
    threads: info.threads,
  };
  write(JSON.stringify(ready));
  for await (const line of createInterface({ input: process.stdin })) {
    const until = performance.now() + Number(line) * 1000;
    const start = performance.now();
    let steps = 0;
    let loss: number;
    do {
      const value = step();
      loss = value.dataSync()[0]!;
      value.dispose();
      steps++;
    } while (performance.now() < until);
    const seconds = (performance.now() - start) / 1000;
    const round: Round = { imagesPerSecond: (steps * BATCH_SIZE) / seconds, loss };
    write(JSON.stringify(round));
  }
  traced.dispose();
  engine.close();
}
