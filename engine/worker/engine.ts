/** The one engine of a worker process, opened when first needed. */
import type { Precision } from '#recipe/training.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import type { TaskFunction } from './protocol.ts';

let engine: Promise<Engine> | null = null;

/**
 * The engine. Precision and threads are fixed when it opens, so a worker that trains is asked to train first; all
 * that judges, predicts or exports computes in float32, because that is what the exported file does.
 * @throws ENGINE_NOT_FOUND
 */
export function workerEngine(
  options: { precision?: Precision; threads?: number | null } = {},
): Promise<Engine> {
  const { precision = 'float32', threads } = options;
  engine ??= openEngine({ precision, ...(typeof threads === 'number' ? { threads } : {}) });
  engine.catch(() => (engine = null));
  return engine;
}

export const doctor: TaskFunction<'doctor'> = async () => (await workerEngine()).info;
