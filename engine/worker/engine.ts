/** The one engine of a worker process, opened when first needed. */
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';

let engine: Promise<Engine> | null = null;

/** @throws ENGINE_NOT_FOUND */
export function workerEngine(): Promise<Engine> {
  engine ??= openEngine();
  engine.catch(() => (engine = null));
  return engine;
}
