/**
 * `npm run bench:step-costs`: what a step, an answer and a feature of networks of many kinds take here, beside what
 * learning/timing/costs.ts makes of them: its coefficients were fitted to these figures. Pixels are noise, weights are fresh.
 * Prints a line of JSON for each network, and on the error channel the ratio of both, by the time of all processors.
 */
import { cpus, loadavg } from 'node:os';
import type { Recipe } from '#recipe/recipe.ts';
import { openBackbone } from '#learning/backbones/backbones.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { trainingCosts } from '#learning/timing/costs.ts';
import { measuredCosts, scratch } from '#learning/timing/measured-costs.ts';
import { probe } from '#learning/training/probes/probe.ts';
import type { TrainingData } from '#learning/training/loop/training-data.ts';

const classCount = 6;
const leastSeconds = Number(process.argv[3] ?? 2.5);

const recipes: Recipe[] = [
  ...measuredCosts.map(({ recipe }) => recipe),
  scratch('quick', 64, 3, 8),
  scratch('quick', 64, 3, 32),
];

function noise(recipe: Recipe, images: number): TrainingData {
  const { height, width, channels } = recipe.preprocessing;
  const pixels = new Uint8Array(images * height * width * channels);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = (at * 2654435761) >>> 24;
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const train = Math.floor(images / 2);
  return {
    pixels,
    labels: range(0, images).map((index) => index % classCount),
    train: range(0, train),
    validation: range(train, images),
    classCount,
  };
}

async function measure(engine: Engine, recipe: Recipe): Promise<void> {
  const { signal } = new AbortController();
  const data = noise(recipe, Math.max(64, recipe.training.batchSize) * 2);
  const features = { count: 0, seconds: 0, processor: 0 };
  let last: { done: number; at: number; cpu: NodeJS.CpuUsage } | null = null;
  const { model } = recipe;
  const beginning = model.backbone === null ? {} : { initial: await openBackbone(model.backbone) };
  const onFeatures = (done: number) => {
    const at = performance.now();
    if (last) {
      features.count += done - last.done;
      features.seconds += (at - last.at) / 1000;
      const { user, system } = process.cpuUsage(last.cpu);
      features.processor += (user + system) / 1e6;
    }
    last = { done, at, cpu: process.cpuUsage() };
  };
  const found = await probe(
    recipe,
    data,
    { signal, ...beginning, onFeatures },
    async (trainer, trainState) => {
      const timed = async (least: number, work: () => Promise<unknown>) => {
        await work();
        await work();
        const start = performance.now();
        const before = process.cpuUsage();
        let count = 0;
        for (; count < 2 || performance.now() - start < leastSeconds * 1000 * least; count += 1) await work();
        const { user, system } = process.cpuUsage(before);
        return {
          seconds: (performance.now() - start) / 1000 / count,
          // Of all threads: what others do beside it changes little.
          processor: (user + system) / 1e6 / count,
        };
      };
      let number = 0;
      const step = await timed(1, async () => {
        trainer.trainStep((number += 1), trainState);
        await trainer.step.totals();
      });
      const validation = await timed(0.4, () => trainer.validate(signal));
      return { step, validation, validationImages: data.validation.length };
    },
  );
  const [train, validation] = [data.train.length, data.validation.length];
  const costs = trainingCosts(recipe, classCount, { train, validation, test: 0 }, 0);
  const threads = engine.info.threads;
  const ratio = (measured: number, cost: number) => (measured / threads / cost).toFixed(2);
  console.error(
    `${recipe.name.padEnd(52)} to the reference: step ${ratio(found.step.processor, costs.step.seconds)}, answers ${ratio(found.validation.processor, costs.answers(validation).seconds)}${features.count > 0 && costs.feature ? `, features ${ratio(features.processor / features.count, costs.feature.seconds)}` : ''}`,
  );
  console.log(
    JSON.stringify({
      name: recipe.name,
      batch: Math.min(recipe.training.batchSize, data.train.length),
      ...found,
      features,
      load: loadavg()[0],
    }),
  );
}

async function main(): Promise<void> {
  const engine = await openEngine();
  console.error(`${cpus()[0]?.model}, ${engine.info.threads} threads, load ${loadavg()[0]!.toFixed(1)}`);
  const only = process.argv[4];
  for (const recipe of recipes)
    if (only === undefined || recipe.name.includes(only)) await measure(engine, recipe);
  engine.close();
}

void main();
