/**
 * `npm run bench:head [-- IMAGES]`: training a head on features that are kept, of 10,000 images in ten classes: what its epochs
 * take, and what the whole run does, from its start to its evaluation. Features are drawn around ten centres: the
 * arithmetic is that of photographs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { followRun } from '#contract/follow.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { createStudio } from '#engine/studio.ts';
import { presetsFor } from '#recipe/presets.ts';
import { madeNetwork, makeEmbeddings } from './made-embeddings.ts';
import { makeGreyProject } from './made-project.ts';

const side = 28;
const classes = 10;
const folder = mkdtempSync(join(tmpdir(), 'atelier-bench-head-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');

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
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}`);
  const path = join(folder, 'head.atelier');
  await fill(path, images);
  const studio = createStudio({ desktop: false, allowedFolders: null, version: 'bench' });
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
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
    await studio.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
