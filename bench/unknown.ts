/**
 * `npm run bench:unknown [-- FOLDER… --project PROJECT --run RUN]`: whether a run says that it does not know. Trains `quick` on Fashion-MNIST, or takes a
 * run that is there, gives it the default answer rule, and says how many of the test images, of images made from them that no longer are any, of noise
 * and of the images in each FOLDER it takes for unknown; and what the temperature and the threshold do to the test images.
 */
import { readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultChoice, type Verdict, verdictOf } from '#contract/answer-rule.ts';
import { followJob, followRun } from '#contract/follow.ts';
import { splitNames } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { toNetworkInput } from '#engine/images/decode/decode.ts';
import { loadPack } from '#engine/images/packs/pack.ts';
import { openForReading, rows as rowsOf } from '#engine/project/database.ts';
import { databaseName } from '#engine/project/folder.ts';
import { readImage } from '#engine/worker/tasks/full.ts';
import { type KeptRule, loadAnswerRule } from '#learning/answers/answer-rule-file.ts';
import { probabilitiesAt } from '#learning/answers/fit-answer-rule.ts';
import { noveltyOf } from '#learning/answers/novelty.ts';
import { openOutputReader, type OutputReader } from '#learning/evaluation/outputs.ts';
import { loadModel, type Model } from '#learning/model/model-file.ts';
import { buildNetwork } from '#learning/model/network.ts';
import { generator, normal, shuffle } from '#learning/random-numbers.ts';
import { riskCoverage, selectionForCoverage } from '#learning/statistics/selective.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { predictionsOf } from '#recipe/metrics/counts.ts';
import { expectedCalibrationError } from '#recipe/metrics/expected-calibration-error.ts';
import { topPredictions } from '#recipe/metrics/top-predictions.ts';
import { machine, openStudio, temporaryFolder } from './own-studio.ts';

/** Images of each kind that is made here. */
const made = 2000;
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** A project of Fashion-MNIST with a run that has the default answer rule. @returns the run's id */
async function ruled(
  client: StudioClient,
  path: string,
  given: { project?: string; run?: string },
): Promise<string> {
  if (given.project) await client.project.open({ path });
  else {
    await client.project.create({ path });
    await followJob(client, () =>
      client.sources.import({ source: { kind: 'named', name: 'fashion-mnist' } }),
    );
  }
  const runs = (await client.runs.list()).filter(({ bestEpoch }) => bestEpoch !== null);
  let run = runs.find(({ id, name }) => given.run === undefined || id === given.run || name === given.run);
  if (!run) {
    const { presets } = await client.recipes.presets();
    const { recipe } = presets.find(({ preset }) => preset === 'quick')!;
    run = await followRun(client, () => client.runs.start({ recipe }));
  }
  const runId = run.id;
  await followJob(client, () => client.answerRules.fit({ runId, choice: defaultChoice }));
  console.log(
    `${run.name}, ${run.epochs.length} epochs: ${JSON.stringify((await client.answerRules.get({ runId }))!.validation)}`,
  );
  return runId;
}

/** The test images of the run's classes. */
async function testImages(
  path: string,
  runId: string,
  { recipe }: Model,
): Promise<{ pixels: Uint8Array; labels: Int32Array }> {
  const database = openForReading(join(path, databaseName));
  const items = rowsOf<{ id: number; classId: number | null; split: number | null; removed: number }>(
    database,
    'SELECT id, class_id AS classId, split, removed FROM items ORDER BY id',
  );
  const [{ classes }] = rowsOf<{ classes: string }>(
    database,
    'SELECT classes FROM runs WHERE id = ?',
    runId,
  ) as [{ classes: string }];
  database.close();
  const indexOf = new Map((JSON.parse(classes) as { id: number }[]).map(({ id }, index) => [id, index]));
  const rows = Int32Array.from(items.keys()).filter((row) => {
    const { classId, split, removed } = items[row]!;
    return !removed && split === splitNames.indexOf('test') && classId !== null && indexOf.has(classId);
  });
  const { pixels } = await loadPack(path, recipe.preprocessing, items.at(-1)!.id, { rows });
  const { height, width, channels } = recipe.preprocessing;
  const size = height * width * channels;
  const some = new Uint8Array(rows.length * size);
  rows.forEach((row, at) => some.set(pixels.subarray(row * size, (row + 1) * size), at * size));
  return { pixels: some, labels: rows.map((row) => indexOf.get(items[row]!.classId!)!) };
}

/** Images of no class, [made, size] each; some are made from test images. */
function strange(test: Uint8Array, width: number, size: number): Record<string, Uint8Array> {
  const uniform = generator(17);
  const draw = normal(uniform);
  const each = (value: (at: number, image: number) => number) =>
    Uint8Array.from({ length: made * size }, (_, at) =>
      Math.max(0, Math.min(255, Math.round(value(at % size, Math.floor(at / size))))),
    );
  const count = test.length / size;
  // Where there are fewer than are made, some are taken again.
  const of = (image: number, at: number) => test[(image % count) * size + at]!;
  const apart = count >= 2 * made ? made : Math.floor(count / 2);
  const levels = Array.from({ length: made * 64 }, () => 255 * uniform());
  const orders = Array.from({ length: made }, () =>
    shuffle(
      Int32Array.from({ length: size }, (_, at) => at),
      uniform,
    ),
  );
  return {
    'uniform noise': each(() => 256 * uniform()),
    'normal noise about grey (σ 64)': each(() => 128 + 64 * draw()),
    'black and white noise': each(() => (uniform() < 0.5 ? 0 : 255)),
    'squares of noise, 7 × 7 pixels': each(
      (at, image) => levels[image * 64 + 8 * Math.floor(at / width / 7) + Math.floor((at % width) / 7)]!,
    ),
    'one grey': each((_, image) => (255 * image) / made),
    'test images, pixels shuffled': each((at, image) => of(image, orders[image]![at]!)),
    'test images, negative': each((at, image) => 255 - of(image, at)),
    'two test images, the mean': each((at, image) => (of(image, at) + of(image + apart, at)) / 2),
  };
}

async function folderOf(folder: string, { recipe: { preprocessing } }: Model): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.(jpe?g|png|webp)$/i.test(name)) continue;
    const { picture } = await readImage('', { kind: 'file', path: join(folder, name), name });
    parts.push(await toNetworkInput(picture, preprocessing, name));
  }
  return Buffer.concat(parts);
}

async function verdictsOn(
  reader: OutputReader,
  pixels: Uint8Array,
  size: number,
  { rule, novelty }: KeptRule,
  classCount: number,
) {
  const outputs = await reader.read(
    pixels,
    Int32Array.from({ length: pixels.length / size }, (_, at) => at),
  );
  const probabilities = probabilitiesAt(outputs.logits, rule.temperature, classCount);
  const counts: Record<Verdict, number> = { answer: 0, unsure: 0, unknown: 0 };
  noveltyOf(novelty, outputs.features).forEach((score, image) => {
    const top = Math.max(...probabilities.subarray(image * classCount, (image + 1) * classCount));
    counts[verdictOf(top, score, rule)] += 1;
  });
  return { logits: outputs.logits, counts };
}

function tell(what: string, counts: Record<Verdict, number>): void {
  const images = counts.answer + counts.unsure + counts.unknown;
  const shares = (['unknown', 'unsure', 'answer'] as const).map((verdict) =>
    percent(counts[verdict] / images).padStart(10),
  );
  console.log(`${what.padEnd(40)} ${String(images).padStart(7)} ${shares.join(' ')}`);
}

/** Calibration and errors of the test images, as they are and at the temperature. */
function tellTest(
  logits: Float32Array,
  labels: Int32Array,
  { rule: { temperature } }: KeptRule,
  classCount: number,
): void {
  for (const [what, by] of [
    ['as predicted', 1],
    [`at temperature ${temperature.toFixed(3)}`, temperature],
  ] as const) {
    const predictions = predictionsOf(probabilitiesAt(logits, by, classCount), labels, classCount, 1);
    const curve = riskCoverage(topPredictions(predictions));
    const [nine, all] = [selectionForCoverage(curve, 0.9)!, selectionForCoverage(curve, 1)!];
    console.log(
      `${what}: ECE ${percent(expectedCalibrationError.compute(predictions)!)}; error of all ${percent(all.error)}, of the surest nine tenths ${percent(nine.error)} (${percent(nine.interval.low)} to ${percent(nine.interval.high)})`,
    );
  }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: { project: { type: 'string' }, run: { type: 'string' } },
  });
  console.log(machine());
  const { folder, remove } = temporaryFolder('unknown');
  const studio = openStudio();
  const path = resolve(values.project ?? join(folder, 'unknown.atelier'));
  const runId = await ruled(studio.client, path, values);
  await studio.close();
  const model = await loadModel(join(path, 'runs', runId));
  const kept = (await loadAnswerRule(join(path, 'runs', runId), model.epoch))!;
  const engine = await openEngine({});
  const network = buildNetwork(model.recipe, model.classCount, model.weights);
  const reader = openOutputReader(network, model.normalisation);
  const { height, width, channels } = model.recipe.preprocessing;
  const size = height * width * channels;
  const { pixels, labels } = await testImages(path, runId, model);
  console.log(`${''.padEnd(40)}  images    unknown     unsure   answered`);
  const judge = async (what: string, images: Uint8Array) => {
    const { logits, counts } = await verdictsOn(reader, images, size, kept, model.classCount);
    tell(what, counts);
    return logits;
  };
  const logits = await judge('test images', pixels);
  for (const [what, images] of Object.entries(strange(pixels, width, size))) await judge(what, images);
  for (const given of positionals) await judge(basename(given), await folderOf(resolve(given), model));
  tellTest(logits, labels, kept, model.classCount);
  reader.dispose();
  network.dispose();
  engine.close();
  remove();
}

void main();
