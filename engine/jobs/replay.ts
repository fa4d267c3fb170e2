/**
 * Job `replay`: trains a run once more from what was kept of it (images, labels and parts, recipe with its seed, first weights) and says whether every
 * figure and the kept weights come out equal. What it learned is thrown away; only the comparison stays, in the run's folder.
 */
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { Replay } from '#contract/replay.ts';
import type { EngineInfo, Epoch, Run } from '#contract/run.ts';
import { epochFields } from '#recipe/metrics/stored.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { digest } from '#learning/model/model-file.ts';
import type { OpenProject } from '../project/project.ts';
import type { Runs } from '../project/runs.ts';
import { readSnapshot, writeSnapshot } from '../project/snapshot.ts';
import type { TrainEvent } from '../worker/protocol.ts';
import { requireEvaluable } from './evaluate.ts';
import type { JobServices } from './job-services.ts';
import { initialOf } from './origin.ts';
import type { JobContext } from './queue.ts';
import { inWorker } from './workers.ts';

const file = 'replay.json';
const kept = 'model.safetensors';

/** The last replay of a run; null where there is none that can be read. */
export async function readReplay(runs: Runs, runId: string): Promise<Replay | null> {
  try {
    return Replay.parse(JSON.parse(await readFile(join(runs.folderOf(runId), file), 'utf8')));
  } catch {
    return null;
  }
}

/**
 * @throws NOT_FOUND for an unknown run; CONFLICT where it is under way, has learned nothing, or did not train to its end: nobody can stop at the same step
 */
export function startReplay(services: JobServices, runId: string): Job {
  const project = services.project();
  const run = requireEvaluable(services, project, runId);
  if (run.state !== 'finished')
    throw new AtelierError(
      'CONFLICT',
      `Expected a run that trained to its end; ${run.name} was ${run.state}. Resume it first, then replay it.`,
      { runId, state: run.state },
    );
  return services.jobs.start({ kind: 'replay', title: `Replay ${run.name}`, runId }, 'training', (context) =>
    replay(services, project, run, context),
  );
}

async function replay(
  services: JobServices,
  project: OpenProject,
  run: Run,
  context: JobContext,
): Promise<void> {
  const { runs } = project;
  const own = runs.folderOf(run.id);
  // What a crash leaves of it is removed at the next opening.
  const folder = project.packPath(`replay-${randomBytes(6).toString('hex')}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const snapshot = await readSnapshot(own);
    if (!snapshot)
      throw new AtelierError(
        'NOT_FOUND',
        `Expected the images that ${run.name} was trained on, but none were kept.`,
        {
          runId: run.id,
        },
      );
    await writeSnapshot(folder, snapshot);
    const first = await initialOf(own, run);
    const initial = first && join(folder, 'initial.safetensors');
    if (first) await copyFile(first, initial!);
    const told = { epochs: [] as Epoch[], engine: null as EngineInfo | null };
    const { bestEpoch } = await inWorker(services.spawner, ['replay', 'replay it again'], (worker) =>
      worker.run(
        'train',
        {
          project: project.path,
          folder,
          recipe: run.recipe,
          classCount: runs.classesOf(run.id).length,
          lastItemId: snapshot.lastItemId,
          resume: false,
          initial,
          threads: run.engine?.threads ?? null,
          holdAfter: null,
        },
        { signal: context.signal, onEvent: (event) => listen(event, told, context) },
      ),
    );
    if (context.signal.aborted) throw new AtelierError('CANCELLED', 'The replay was cancelled.');
    const result = await compare(
      run,
      own,
      folder,
      { ...told, bestEpoch },
      snapshot.train.length + snapshot.validation.length,
    );
    await writeDurably(join(own, file), Buffer.from(JSON.stringify(result)));
    services.emit({ event: 'run.replayed', replay: result });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function listen(
  event: TrainEvent,
  told: { epochs: Epoch[]; engine: EngineInfo | null },
  { progress }: JobContext,
): void {
  if (event.kind === 'started') told.engine = event.engine;
  if (event.kind === 'epoch') told.epochs.push(event.epoch);
  if (event.kind === 'step') progress(event.done, event.total, event.unit);
  if (event.kind === 'progress') progress(event.step, event.steps, 'steps', event.secondsLeft);
}

async function compare(
  run: Run,
  before: string,
  after: string,
  told: { epochs: Epoch[]; engine: EngineInfo | null; bestEpoch: number },
  images: number,
): Promise<Replay> {
  const weights = { before: await digestOf(join(before, kept)), after: await digestOf(join(after, kept)) };
  const firstDifference = differenceOf(run.epochs, told.epochs);
  const bestEpoch = { before: run.bestEpoch!, after: told.bestEpoch };
  const accuracyAt = (epochs: readonly Epoch[], best: number) => epochs[best - 1]?.validationAccuracy ?? 0;
  const words = (engine: EngineInfo | null) =>
    engine && [engine.kind, engine.version, engine.device, engine.threads, engine.precision].join(' ');
  return {
    runId: run.id,
    replayedAt: new Date().toISOString(),
    engine: { before: run.engine, after: told.engine! },
    sameEngine: words(run.engine) === words(told.engine),
    images,
    epochs: Math.min(run.epochs.length, told.epochs.length),
    equal:
      firstDifference === null && bestEpoch.before === bestEpoch.after && weights.before === weights.after,
    firstDifference,
    bestEpoch,
    weights,
    validationAccuracy: {
      before: accuracyAt(run.epochs, bestEpoch.before),
      after: accuracyAt(told.epochs, bestEpoch.after),
    },
  };
}

/** Figures of epochs, not how long they took. */
const compared = ['epoch', 'learningRate', ...Object.keys(epochFields)] as (keyof Epoch)[];

function differenceOf(before: readonly Epoch[], after: readonly Epoch[]): Replay['firstDifference'] {
  for (let at = 0; at < Math.max(before.length, after.length); at += 1)
    for (const key of compared) {
      const [was, is] = [before[at]?.[key] ?? null, after[at]?.[key] ?? null];
      if (was !== is) return { epoch: at + 1, key, before: was, after: is };
    }
  return null;
}

/** Of the tensors alone: when they were written, and by which version, is no difference. */
async function digestOf(path: string): Promise<string> {
  return digest(decodeSafetensors(await readFile(path)).tensors, {});
}
