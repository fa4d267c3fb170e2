/** Studies on the real engine, their studio killed at its work: they go on to what they would have come to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Study, StudyPlan } from '#contract/study.ts';
import { tinyRecipe } from '#contract/testing.ts';
import { OpenProject } from '../project/project.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { buildWorker, bundle, fillWithFashion } from '../testing.ts';
import { studyOf } from './view.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-study-'));
const path = join(folder, 'p.atelier');
const start = join(folder, 'start.json');
const startSearch = join(folder, 'search.json');
const startHalving = join(folder, 'halving.json');
let script: string;

beforeAll(async () => {
  process.env['ATELIER_STATE'] = join(folder, 'state.json');
  await buildWorker();
  script = await bundle('engine/studies/testing-process.ts');
  const project = await OpenProject.create(path, undefined, 'test');
  await fillWithFashion(project.path);
  await project.close();
  const recipe = tinyRecipe({
    preprocessing: { normalisation: { kind: 'measured' } },
    augmentation: [{ kind: 'horizontal-flip', probability: 0.5 }],
    model: {
      layers: [
        { kind: 'conv', filters: 4, stride: 2 },
        { kind: 'max-pool' },
        { kind: 'dropout', rate: 0.1 },
        { kind: 'flatten' },
      ],
    },
    training: { schedule: { kind: 'cosine' }, epochs: 3 },
  });
  const plan = StudyPlan.parse({ kind: 'cross-validation', folds: 2, seeds: [1], parallel: 1 });
  writeFileSync(start, JSON.stringify({ recipe, plan }));
  const search = {
    kind: 'search',
    sampler: 'random',
    trials: 2,
    parallel: 2,
    space: [{ kind: 'number', path: 'training.learningRate', low: 0.002, high: 0.05, logarithmic: true }],
  };
  writeFileSync(startSearch, JSON.stringify({ recipe, plan: StudyPlan.parse(search) }));
  const halving = { reduction: 2, minimumEpochs: 1 };
  writeFileSync(startHalving, JSON.stringify({ recipe, plan: StudyPlan.parse({ ...search, halving }) }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

/** A studio in a process of its own; with `killAt` it must have been killed. @returns its last line */
async function studio(given: string, killAt?: RegExp): Promise<string> {
  const child = spawn(process.execPath, [script, path, given, ...(killAt ? [killAt.source] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe(killAt ? 'SIGKILL' : null);
  return text.trim();
}

async function look<T>(ask: (project: OpenProject) => T | Promise<T>): Promise<T> {
  const project = await OpenProject.open(path, 'test');
  try {
    return await ask(project);
  } finally {
    await project.close();
  }
}

it('goes on to the same bytes as one that was left alone', async () => {
  expect(await studio(start)).toBe('end finished');

  // Killed while the first trial trains, then while the second does.
  await studio(start, /^running:1/);
  const first = await look(({ studies }) => studyOf(studies, 'study-2'));
  expect(first).toMatchObject({ state: 'failed', error: { code: 'WORKER_DIED' } });
  expect(first.trials.map(({ state }) => state)).toEqual(['failed']);
  await studio('study-2', /^finished:3 running:[12]/);
  const second = await look(({ studies }) => studyOf(studies, 'study-2'));
  expect(second.state).toBe('failed');
  expect(second.trials[0]).toMatchObject({ state: 'finished', epochs: 3 });
  expect(await studio('study-2')).toBe('end finished');

  await look(async ({ studies, runs, columns }) => {
    const [whole, killed] = ['study-1', 'study-2'].map((id) => studyOf(studies, id)) as [Study, Study];
    expect(killed.summary).toEqual(whole.summary);
    expect(killed.summary!.mean).toBeGreaterThan(0.3);
    for (const [index, trial] of whole.trials.entries()) {
      const other = killed.trials[index]!;
      expect(other).toEqual({ ...trial, runId: other.runId });
      const model = (runId: string) => readFileSync(join(runs.folderOf(runId), 'model.safetensors'));
      expect(model(other.runId).equals(model(trial.runId))).toBe(true);
      expect(runs.get(other.runId).engine!.threads).toBe(runs.get(trial.runId).engine!.threads);
      expect(runs.get(trial.runId).testAccuracy).toBeNull();
      const { train, validation } = (await readSnapshot(runs.folderOf(trial.runId)))!;
      for (const part of [train, validation])
        expect(part.some((row) => columns.splits[row] === 2)).toBe(false);
    }
  });
});

it('holds trials, lets the better one go on and trains it as if it had never been held', async () => {
  expect(await studio(startSearch)).toBe('end finished');
  // Two at once; killed when the first of them has been held or has gone on.
  await studio(startHalving, /held:1/);
  const { id } = await look(({ studies }) => studies.list()[0]!);
  expect(await studio(id)).toBe('end finished');

  await look(({ studies, runs }) => {
    const [halved, whole] = studies.list().map((study) => studyOf(studies, study.id)) as [Study, Study];
    expect(halved.id).toBe(id);
    const better = [...whole.trials].sort(
      (a, b) => accuracy(runs, b.runId, 1) - accuracy(runs, a.runId, 1) || a.number - b.number,
    )[0]!;
    for (const [index, trial] of halved.trials.entries()) {
      const other = whole.trials[index]!;
      expect(trial.values).toEqual(other.values);
      const goesOn = trial.number === better.number;
      expect([trial.state, trial.epochs]).toEqual(goesOn ? ['finished', 3] : ['held', 1]);
      for (let epoch = 1; epoch <= trial.epochs; epoch++)
        expect(accuracy(runs, trial.runId, epoch)).toBe(accuracy(runs, other.runId, epoch));
    }
  });
});

const accuracy = (runs: OpenProject['runs'], runId: string, epoch: number) =>
  runs.get(runId).epochs[epoch - 1]!.validationAccuracy;
