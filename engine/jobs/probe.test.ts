/** What probes ask of their workers, and what they leave: scripted workers, a real project. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { PrecisionReport, RateSearch } from '#contract/probes.ts';
import type { EngineInfo } from '#contract/run.ts';
import { presets } from '#recipe/presets.ts';
import { OpenProject } from '../project/project.ts';
import { readSnapshot } from '../project/snapshot.ts';
import type { Result } from '../worker/protocol.ts';
import { startPrecisionComparison, startRateSearch } from './probe.ts';
import { openTestServices, type Script, type TestServices } from './testing.ts';

const recipe = presets.quick.recipe;
const info = (bfloat16: string | null): EngineInfo => ({
  kind: 'tensorflow',
  version: '0',
  device: 'CPU',
  threads: 1,
  precision: 'float32',
  bfloat16,
  passedOver: [],
});

let script: Script;
let services: TestServices;
let spawned: number;
/** Worker by worker, what was asked of it. */
const asked: string[] = [];
beforeEach(async () => {
  script = {};
  spawned = 0;
  asked.length = 0;
  services = await openTestServices({
    doctor: (...given) => (asked.push(`${spawned} doctor`), script.doctor!(...given)),
    'measure-precision': (...given) => {
      asked.push(`${spawned} ${given[0].recipe.training.precision}`);
      return script['measure-precision']!(...given);
    },
    'find-learning-rate': (...given) => script['find-learning-rate']!(...given),
  });
  const { spawner } = services;
  Object.assign(services, { spawner: () => ((spawned += 1), spawner()) });
});
afterEach(() => services.close());

const leftovers = () =>
  readdirSync(join(services.open.path, 'packs')).filter((name) => name.startsWith('probe'));

async function compare(): Promise<PrecisionReport> {
  let report: PrecisionReport | null = null;
  const job = await startPrecisionComparison(services, { recipe }, (_, result) => (report = result));
  expect(await services.ended(job)).toMatchObject({ state: 'finished', error: null });
  expect(leftovers()).toEqual([]);
  return report!;
}

/** A loss that falls evenly, `share` higher in bfloat16. */
const falling = (steps: number, share: number) =>
  Array.from({ length: steps }, (_, step) => (2 - step / steps) * (1 + share));

describe('a comparison of precisions', () => {
  beforeEach(() => void (script.doctor = async () => info(null)));
  const measuring =
    (bfloat16: (steps: number) => Result<'measure-precision'>): Script['measure-precision'] =>
    async ({ recipe: { training }, steps }) =>
      training.precision === 'float32'
        ? { losses: falling(steps, 0), imagesPerSecond: 1000 }
        : bfloat16(steps);

  it('asks one worker after the other, and recommends what follows and is faster', async () => {
    script['measure-precision'] = measuring((steps) => ({
      losses: falling(steps, 0.02),
      imagesPerSecond: 1900,
    }));
    const report = await compare();
    expect(asked).toEqual(['1 doctor', '1 float32', '2 bfloat16']);
    expect(report).toMatchObject({ unavailable: null, recommended: true });
    expect(report.largestDifference).toBeCloseTo(0.02, 6);
    expect([report.float32.losses.length, report.bfloat16!.losses.length]).toEqual([
      report.steps,
      report.steps,
    ]);
  });

  it('does not recommend a loss that ended', async () => {
    script['measure-precision'] = measuring(() => ({ losses: [2, 3], imagesPerSecond: 1900 }));
    expect(await compare()).toMatchObject({
      bfloat16: { losses: [2, 3] },
      largestDifference: null,
      recommended: false,
    });
  });

  it('trains nothing where bfloat16 cannot be had, and says why', async () => {
    script.doctor = async () => info('No such instructions.');
    expect(await compare()).toEqual({
      unavailable: 'No such instructions.',
      steps: 0,
      float32: { losses: [], imagesPerSecond: 0 },
      bfloat16: null,
      largestDifference: null,
      recommended: false,
    });
    expect(asked).toEqual(['1 doctor']);
  });
});

describe('a search for a learning rate', () => {
  const found: RateSearch = { points: [{ rate: 0.1, loss: 1 }], suggestion: 0.1 };
  const frozen = { ...recipe, training: { ...recipe.training, frozenLayers: 1 } };

  it('is given the data as they are, and waits its turn among trainings', async () => {
    const results: [string, RateSearch][] = [];
    let folder = '';
    script['find-learning-rate'] = async (input, tell) => {
      folder = input.folder;
      const { train, validation, lastItemId } = (await readSnapshot(folder))!;
      expect([train.length + validation.length, lastItemId, input.lastItemId]).toEqual([2000, 2500, 2500]);
      expect(input.classCount).toBe(10);
      tell({ kind: 'step', done: 1, total: 2, unit: 'steps' });
      return found;
    };
    const start = () => startRateSearch(services, { recipe }, (...result) => results.push(result));
    const jobs = [await start(), await start()];
    expect(jobs.map(({ state }) => state)).toEqual(['running', 'queued']);
    for (const job of jobs) expect(await services.ended(job)).toMatchObject({ state: 'finished' });
    expect(results).toEqual(jobs.map(({ id }) => [id, found]));
    expect([existsSync(folder), leftovers()]).toEqual([false, []]);
  });

  it('begins where the run would', async () => {
    const { runs } = services.open;
    const classes = services.open.classes().map(({ id, name }) => ({ id, name }));
    const earlier = await runs.create(recipe, '', classes, 1);
    await runs.setEpochs(earlier.id, [], 1);
    await runs.update(earlier.id, { state: 'finished' });
    writeFileSync(join(runs.folderOf(earlier.id), 'model.safetensors'), 'learned');
    const begun: (string | null)[] = [];
    script['find-learning-rate'] = async ({ initial }) => {
      begun.push(initial && readFileSync(initial, 'utf8'));
      return found;
    };
    const origin = { runId: earlier.id, how: 'fine-tune' } as const;
    for (const asked of [{ recipe }, { recipe: frozen, origin }])
      await services.ended(await startRateSearch(services, asked, () => undefined));
    expect(begun).toEqual([null, 'learned']);
    await expect(startRateSearch(services, { recipe: frozen }, () => undefined)).rejects.toMatchObject({
      code: 'RECIPE_INVALID',
    });
    expect(leftovers()).toEqual([]);
  });

  it('leaves nothing behind where it fails or is cancelled', async () => {
    const never = () => expect.unreachable('there is no result');
    script['find-learning-rate'] = async () => {
      throw new AtelierError('OUT_OF_MEMORY', 'Too much.');
    };
    const failed = await startRateSearch(services, { recipe }, never);
    expect(await services.ended(failed)).toMatchObject({ error: { code: 'OUT_OF_MEMORY' } });
    script['find-learning-rate'] = async () => {
      throw new AtelierError('WORKER_DIED', 'Gone.', { outOfMemory: true });
    };
    const killed = await startRateSearch(services, { recipe }, never);
    expect(await services.ended(killed)).toMatchObject({
      error: { code: 'OUT_OF_MEMORY', details: { suggestedBatchSize: 64 } },
    });
    script['find-learning-rate'] = (_, __, cancelled) => cancelled;
    const stopped = await startRateSearch(services, { recipe }, never);
    services.jobs.cancel(stopped.id);
    expect(await services.ended(stopped)).toMatchObject({ state: 'cancelled', error: null });
    expect(leftovers()).toEqual([]);
  });

  it('that died with its studio is cleared away at the next opening', async () => {
    const { open } = services;
    const folder = join(open.path, 'packs', 'probe-0.part');
    mkdirSync(folder);
    writeFileSync(join(folder, 'labels.i32'), 'x');
    await open.close();
    const again = await OpenProject.open(open.path, 'test');
    expect(leftovers()).toEqual([]);
    await again.close();
  });
});
