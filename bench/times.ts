/**
 * `npm run bench:times -- FOLDER [--processor] [--record FILE]`: trainings of many kinds, one after the other, on a machine that nothing is
 * known of at first: what is stated before each, what it took, and their ratio. FOLDER holds photographs, a folder for each
 * class. All through the commands that the window calls. With --processor times are those of the processors, for a machine that
 * others use meanwhile. With --record what each taught is written as JSON, which
 * learning/timing/measured-runs.ts keeps as a test.
 */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { followJob, followRun, followStudy } from '#contract/follow.ts';
import type { PresetName, Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { knownPaces } from '#engine/paces.ts';
import type { Pace } from '#learning/timing/paces.ts';
import { machine, openStudio, temporaryFolder } from './own-studio.ts';
import { giveWorkersProcessorClock, takeProcessorClock } from './processor-clock.ts';

const { folder, remove } = temporaryFolder('times');

interface Row {
  name: string;
  stated: TimeEstimate | null;
  seconds: number;
  load: number;
  recipe: Recipe;
  project: string;
  counts: { train: number; validation: number; test: number };
  learned: Pace[];
}

type Change = (recipe: Recipe) => void;
interface Plan {
  name: string;
  project: string;
  preset: PresetName;
  change?: Change;
  folds?: number;
}

const epochs =
  (count: number): Change =>
  (recipe) =>
    void (recipe.training.epochs = count);

/** In an order in which small comes before large, and one kind before another. */
const plans: Plan[] = [
  { name: '600 photographs, auto', project: 'photos', preset: 'auto' },
  { name: 'the same again, its features kept', project: 'photos', preset: 'auto' },
  { name: '208 photographs, quick, 8 epochs', project: 'few', preset: 'quick', change: epochs(8) },
  { name: '600 photographs, quick, 4 epochs', project: 'photos', preset: 'quick', change: epochs(4) },
  { name: '208 photographs, auto', project: 'few', preset: 'auto' },
  { name: '600 photographs, fine-tune, 1 epoch', project: 'photos', preset: 'fine-tune', change: epochs(1) },
  {
    name: 'the same, 5 epochs, its features kept',
    project: 'photos',
    preset: 'fine-tune',
    change: epochs(5),
  },
  { name: '2,500 small pictures, quick, 1 epoch', project: 'small', preset: 'quick', change: epochs(1) },
  { name: '2,500 small pictures, seed, 2 epochs', project: 'small', preset: 'seed', change: epochs(2) },
  { name: '2,500 small pictures, best, 1 epoch', project: 'small', preset: 'best', change: epochs(1) },
  {
    name: '2,500 small pictures, quick, batch 32',
    project: 'small',
    preset: 'quick',
    change(recipe) {
      recipe.training.batchSize = 32;
      recipe.training.epochs = 1;
    },
  },
  {
    name: '2,500 small pictures, quick at 40 × 40',
    project: 'small',
    preset: 'quick',
    change(recipe) {
      recipe.preprocessing.height = recipe.preprocessing.width = 40;
      recipe.training.epochs = 1;
    },
  },
  { name: 'five folds of auto on 600 photographs', project: 'photos', preset: 'auto', folds: 5 },
  { name: '70,000 small pictures, quick, 1 epoch', project: 'many', preset: 'quick', change: epochs(1) },
];

async function carryOut(client: StudioClient, plan: Plan): Promise<Row> {
  const { presets } = await client.recipes.presets();
  const recipe = structuredClone(presets.find(({ preset }) => preset === plan.preset)!.recipe);
  plan.change?.(recipe);
  const before = new Set(knownPaces().map((pace) => JSON.stringify(pace)));
  const { folds } = plan;
  const study =
    folds === undefined
      ? null
      : { kind: 'cross-validation' as const, folds, grouping: { kind: 'none' as const } };
  const asStudy = study && {
    recipe,
    plan: { ...study, grouping: { kind: 'none' as const }, seeds: [1], parallel: null },
  };
  const stated = asStudy ? await client.studies.estimate(asStudy) : await client.recipes.estimate({ recipe });
  const began = performance.now();
  if (asStudy) await followStudy(client, () => client.studies.start(asStudy));
  else await followRun(client, () => client.runs.start({ recipe }));
  const seconds = (performance.now() - began) / 1000;
  const classes = (await client.project.current())?.classes ?? [];
  const sum = (part: 'train' | 'validation' | 'test') =>
    classes.reduce((total, { counts }) => total + counts[part], 0);
  return {
    name: plan.name,
    stated,
    seconds,
    load: loadavg()[0]!,
    recipe,
    project: plan.project,
    counts: { train: sum('train'), validation: sum('validation'), test: sum('test') },
    learned: knownPaces().filter((pace) => !before.has(JSON.stringify(pace))),
  };
}

function tell({ name, stated, seconds, load }: Row): void {
  const words = !stated
    ? 'nothing'
    : stated.seconds === null
      ? `${stated.low.toFixed(0)} to ${stated.high.toFixed(0)} s`
      : `${stated.seconds.toFixed(1)} s`;
  const ratio = stated?.seconds ? (stated.seconds / seconds).toFixed(2) : '–';
  console.log(
    `${name.padEnd(44)} stated ${words.padStart(12)}, took ${seconds.toFixed(1).padStart(6)} s, ratio ${ratio}, load ${load.toFixed(1)}`,
  );
}

/** A part of each class, so that 208 of them train. */
function fewOf(photos: string): string {
  const few = join(folder, 'few-photos');
  for (const name of readdirSync(photos)) {
    mkdirSync(join(few, name), { recursive: true });
    for (const file of readdirSync(join(photos, name)).slice(0, 51))
      cpSync(join(photos, name, file), join(few, name, file));
  }
  return few;
}

async function main(): Promise<void> {
  const words = process.argv.slice(3);
  const record = words.includes('--record') ? words[words.indexOf('--record') + 1] : undefined;
  const only = words.includes('--only') ? words[words.indexOf('--only') + 1] : undefined;
  const [given] = words;
  const processor = words.includes('--processor');
  if (processor) {
    giveWorkersProcessorClock(join(folder, 'processor-clock.cjs'));
    takeProcessorClock();
  }
  if (given === undefined) throw new Error('Expected a folder of photographs, with a folder for each class.');
  console.log(machine());
  const { client, close } = openStudio();
  const sources: Record<string, Parameters<StudioClient['sources']['import']>[0]['source']> = {
    photos: { kind: 'path', path: resolve(given) },
    few: { kind: 'path', path: fewOf(resolve(given)) },
    small: { kind: 'named', name: 'fashion-mnist-small' },
    many: { kind: 'named', name: 'fashion-mnist' },
  };
  const rows: Row[] = [];
  let open = '';
  try {
    for (const plan of plans) {
      if (only !== undefined && !plan.project.includes(only)) continue;
      const path = join(folder, `${plan.project}.atelier`);
      if (open !== plan.project) {
        const there = readdirSync(folder).includes(`${plan.project}.atelier`);
        if (open !== '') await client.project.close();
        if (there) await client.project.open({ path });
        else {
          await client.project.create({ path });
          await followJob(client, () => client.sources.import({ source: sources[plan.project]! }));
        }
        open = plan.project;
      }
      const row = await carryOut(client, plan);
      rows.push(row);
      tell(row);
      if (record !== undefined) writeFileSync(record, JSON.stringify(rows, null, 1));
    }
  } finally {
    await close();
    remove();
  }
  const ratios = rows.flatMap(({ stated, seconds }) => (stated?.seconds ? [stated.seconds / seconds] : []));
  const held = ratios.filter((ratio) => ratio <= 1.5 && ratio >= 1 / 1.5).length;
  console.log(
    `${held} of ${ratios.length} within a factor of 1.5; load ${loadavg()[0]!.toFixed(1)} at the end`,
  );
}

void main();
