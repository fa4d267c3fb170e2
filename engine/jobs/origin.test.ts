/** What a new run takes from another, on files as learning/ writes them and a scripted worker. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StudyPlan } from '#contract/study.ts';
import { nothingPacedInAll } from '#learning/timing/paced.ts';
import { digest } from '#learning/model/model-file.ts';
import { presets } from '#recipe/presets.ts';
import { encodeSafetensors, type SafeTensor } from '#learning/files/safetensors.ts';
import type { Input } from '../worker/protocol.ts';
import { takeSnapshot, writeSnapshot } from '../project/snapshot.ts';
import { openTestServices, type TestServices } from './testing.ts';
import { resumeTraining, startTraining } from './train.ts';

const recipe = presets.quick.recipe;
const asked: Input<'train'>[] = [];
let services: TestServices;
beforeEach(async () => {
  asked.length = 0;
  services = await openTestServices({
    async train(input) {
      asked.push(input);
      return { bestEpoch: 0, stopped: 'cancelled', imagesPerSecond: 1, paces: nothingPacedInAll };
    },
  });
});
afterEach(() => services.close());

/** A file with a digest that holds, as far as the studio looks. */
function weights(value: number): Uint8Array {
  const tensors = new Map<string, SafeTensor>([
    ['w', { dtype: 'F32', shape: [1], data: Float32Array.of(value) }],
  ]);
  const metadata = { format: 'x' };
  return encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) });
}

/** A run at rest with these files in its folder. */
async function runWith(files: Record<string, Uint8Array>, bestEpoch = 1) {
  const { open } = services;
  const classes = open.classes().map(({ id, name }) => ({ id, name }));
  const { id } = await open.runs.create(recipe, 'First', classes, 1);
  await open.runs.setEpochs(id, [], bestEpoch);
  await open.runs.update(id, { state: 'finished' });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(open.runs.folderOf(id), name), bytes);
  return id;
}
const start = (runId: string, how: 'continue' | 'fine-tune') =>
  startTraining(services, recipe, '', { runId, how });
const initialOf = (runId: string) => {
  const file = join(services.open.runs.folderOf(runId), 'initial.safetensors');
  return createHash('sha256').update(readFileSync(file)).digest('hex');
};
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

it('copies the newest checkpoint to continue and the kept weights to fine-tune, for good', async () => {
  const origin = await runWith({
    'checkpoint-9.safetensors': weights(9),
    'checkpoint-10.safetensors': weights(10),
    'model.safetensors': weights(1),
  });
  const continued = await start(origin, 'continue');
  const tuned = await start(origin, 'fine-tune');
  expect([continued.origin, tuned.origin]).toEqual([
    { runId: origin, how: 'continue' },
    { runId: origin, how: 'fine-tune' },
  ]);
  await services.open.runs.delete(origin);
  expect(initialOf(continued.id)).toBe(sha256(weights(10)));
  expect(initialOf(tuned.id)).toBe(sha256(weights(1)));
  for (const { id } of [continued, tuned]) await services.trained(id);
  expect(asked.map(({ initial, resume }) => [existsSync(initial!), resume])).toEqual([
    [true, false],
    [true, false],
  ]);

  await resumeTraining(services, continued.id);
  await services.trained(continued.id);
  expect(asked[2]!.initial).toBe(asked[0]!.initial);
});

it('passes over a damaged checkpoint, and says so where none is whole', async () => {
  const origin = await runWith({
    'checkpoint-1.safetensors': weights(1),
    'checkpoint-2.safetensors': weights(2),
    'checkpoint-3.safetensors.tmp': weights(3),
  });
  const folder = services.open.runs.folderOf(origin);
  const damaged = weights(2);
  damaged[damaged.length - 1]! ^= 1;
  writeFileSync(join(folder, 'checkpoint-2.safetensors'), damaged);
  expect(initialOf((await start(origin, 'continue')).id)).toBe(sha256(weights(1)));

  truncateSync(join(folder, 'checkpoint-1.safetensors'), 20);
  await expect(start(origin, 'continue')).rejects.toMatchObject({
    code: 'CHECKPOINT_DAMAGED',
    message: expect.stringContaining('Fine-tune from it instead') as string,
  });
});

it('is refused where there is nothing to begin with, and then makes no run', async () => {
  const fresh = await runWith({}, 0);
  for (const how of ['continue', 'fine-tune'] as const) {
    await expect(start(fresh, how)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(start('run-99', how)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  await services.open.runs.update(fresh, { state: 'running' });
  await expect(start(fresh, 'continue')).rejects.toThrow(/still running/);
  expect((await services.open.runs.list()).map(({ id }) => id)).toEqual([fresh]);
});

it('refuses to continue with other classes, and offers to fine-tune', async () => {
  const origin = await runWith({
    'checkpoint-1.safetensors': weights(1),
    'model.safetensors': weights(2),
  });
  const added = await services.open.addClass('Hat');
  await services.open.relabel([1, 2], added.id);
  await expect(start(origin, 'continue')).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringMatching(/Hat came\. Fine-tune from it instead/) as string,
    details: { added: ['Hat'], removed: [] },
  });
  expect(initialOf((await start(origin, 'fine-tune')).id)).toBe(sha256(weights(2)));
});

it('refuses to freeze layers of random weights, and then makes no run', async () => {
  const frozen = { ...recipe, training: { ...recipe.training, frozenLayers: 2 } };
  await expect(startTraining(services, frozen, '')).rejects.toMatchObject({
    code: 'RECIPE_INVALID',
    message:
      'Expected training.frozenLayers 0 for random weights, received 2: layers that have learned nothing would never learn. Set it to 0; only a run that begins with a backbone, or continues or fine-tunes another, may freeze layers.',
    details: { path: 'training.frozenLayers', frozenLayers: 2 },
  });
  expect(await services.open.runs.list()).toEqual([]);
  const origin = { runId: await runWith({ 'model.safetensors': weights(1) }), how: 'fine-tune' as const };
  await services.trained((await startTraining(services, frozen, '', origin)).id);
});

it('leaves no run behind where the weights cannot be kept', async () => {
  const origin = await runWith({ 'model.safetensors': weights(1) });
  const { runs } = services.open;
  const create = runs.create.bind(runs);
  runs.create = async (...given) => {
    const run = await create(...given);
    rmSync(runs.folderOf(run.id), { recursive: true });
    writeFileSync(runs.folderOf(run.id), 'no folder');
    return run;
  };
  await expect(start(origin, 'fine-tune')).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  expect((await runs.list()).map(({ id }) => id)).toEqual([origin]);
  expect(readdirSync(join(services.open.path, 'runs'))).toEqual([origin]);
});

/** A run at rest that was trained on all images but every tenth, which it validated on. */
async function foldRun(files: Record<string, Uint8Array>): Promise<string> {
  const id = await runWith(files);
  const { columns, runs } = services.open;
  const outsideTest = Int32Array.from(columns.ids.keys()).filter((row) => columns.splits[row] !== 2);
  await writeSnapshot(runs.folderOf(id), {
    lastItemId: columns.ids[columns.length - 1]!,
    labels: new Int32Array(columns.length),
    train: outsideTest.filter((_, at) => at % 10 > 0),
    validation: outsideTest.filter((_, at) => at % 10 === 0),
  });
  return id;
}

it('says how many validation images its first weights were trained on, also by way of a third run', async () => {
  const origin = await foldRun({ 'model.safetensors': weights(1) });
  const { open } = services;
  const { id } = await start(origin, 'fine-tune');
  await open.runs.delete(origin);
  await services.trained(id);
  const { columns } = open;
  const outsideTest = [...columns.ids.keys()].filter((row) => columns.splits[row] !== 2);
  const seen = outsideTest.filter((row, at) => at % 10 > 0 && columns.splits[row] === 1).length;
  expect(seen).toBeGreaterThan(300);
  const said = (runId: string) =>
    `${seen} of 400 validation images were trained on by ${runId}, whose weights it began with: its validation accuracy comes out too high.`;
  expect(open.runs.get(id).notices).toEqual([said(origin)]);

  writeFileSync(join(open.runs.folderOf(id), 'model.safetensors'), weights(2));
  await open.runs.setEpochs(id, [], 1);
  const third = await start(id, 'fine-tune');
  await services.trained(third.id);
  expect(open.runs.get(third.id).notices).toEqual([said(id)]);
});

it('says nothing where the validation images are new to the weights', async () => {
  const origin = await runWith({ 'model.safetensors': weights(1) });
  const { columns, runs } = services.open;
  await writeSnapshot(
    runs.folderOf(origin),
    takeSnapshot(
      columns,
      services.open.classes().map(({ id }) => id),
    ),
  );
  const { id } = await start(origin, 'fine-tune');
  await services.trained(id);
  expect(runs.get(id).notices).toEqual([]);
});

it('does not begin fresh where its copy of the weights was never made', async () => {
  const { runs } = services.open;
  const named = services.open.classes().map(({ id, name }) => ({ id, name }));
  const { id } = await runs.create(recipe, '', named, 1, { origin: { runId: 'run-9', how: 'fine-tune' } });
  await runs.update(id, { state: 'failed' });
  await resumeTraining(services, id);
  expect(await services.trained(id)).toMatchObject({
    state: 'failed',
    error: { code: 'CHECKPOINT_DAMAGED', message: expect.stringContaining('start it again') as string },
  });
  expect(asked).toEqual([]);
});

it('takes nothing of a trial whose study is under way', async () => {
  const { studies, runs } = services.open;
  const plan = StudyPlan.parse({ kind: 'cross-validation', folds: 2, seeds: [1] });
  const study = await studies.create(recipe, plan, () => 'Study');
  const named = services.open.classes().map(({ id, name }) => ({ id, name }));
  const trial = { number: 1, values: {}, fold: 1, seed: 1, threads: 1, target: null };
  const { id } = await runs.create(recipe, '', named, 1, { studyId: study.id, trial });
  await runs.setEpochs(id, [], 1);
  await runs.update(id, { state: 'finished' });
  writeFileSync(join(runs.folderOf(id), 'model.safetensors'), weights(1));
  await expect(start(id, 'fine-tune')).rejects.toMatchObject({ code: 'CONFLICT' });
  await studies.update(study.id, { state: 'cancelled' });
  await start(id, 'fine-tune');
});
