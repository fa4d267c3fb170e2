/**
 * `npm run bench:head [-- IMAGES]`: training a head on features that are kept, of 10,000 images in ten classes: what its epochs
 * take, and what the whole run does, from its start to its evaluation. Features are drawn around ten centres: the
 * arithmetic is that of photographs.
 */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { followRun } from '#contract/follow.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { presetsFor } from '#recipe/presets.ts';
import { madeNetwork, makeEmbeddings, makeGreyProject } from './made-project.ts';
import { machine, openStudio, temporaryFolder } from './own-studio.ts';

const side = 28;
const classes = 10;
const { folder, remove } = temporaryFolder('head');

async function fill(path: string, images: number): Promise<void> {
  const names = Array.from({ length: classes }, (_, index) => `class ${index}`);
  await makeGreyProject(path, images, side, names);
  await makeEmbeddings(path, images, classes);
}

/** What `auto` trains on so many photographs; their features are those that were made. */
async function recipeFor(images: number): Promise<Recipe> {
  const { preprocessing } = await madeNetwork();
  const auto = presetsFor({
    images,
    classCounts: Array.from({ length: classes }, () => images / classes),
    ...{ width: 500, height: 375, colour: true },
    backbones: ['efficientnet-lite0'],
  }).find(({ preset }) => preset === 'auto')!;
  return { ...auto.recipe, name: 'Head', preprocessing };
}

async function main(): Promise<void> {
  const images = Number(process.argv[3] ?? 10_000);
  console.log(machine());
  const path = join(folder, 'head.atelier');
  await fill(path, images);
  const { client, close } = openStudio();
  try {
    const { counts } = await client.project.open({ path });
    const recipe = await recipeFor(counts.train);
    for (let round = 1; round <= 3; round += 1) {
      const start = performance.now();
      const run = await followRun(client, () => client.runs.start({ recipe }));
      const whole = (performance.now() - start) / 1000;
      const epochs = run.epochs.reduce((sum, { seconds }) => sum + seconds, 0);
      console.log(
        `${images} images, round ${round}: ${run.epochs.length} epochs in ${epochs.toFixed(2)} s, the whole run ${whole.toFixed(1)} s, load ${loadavg()[0]!.toFixed(1)}`,
      );
    }
  } finally {
    await close();
    remove();
  }
}

void main();
