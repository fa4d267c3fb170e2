/**
 * `npm run bench:labelling`: what suggestions and neighbours cost at 600, 10,000 and 70,000 images, and, for a folder with a
 * folder per class, how many keys and clicks a person who knows the classes needs to label all of it from nothing. All
 * through the commands that the window calls. Prints milliseconds, and the load of the machine.
 */
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import type { EmbeddingSource } from '#contract/embedding-source.ts';
import { followJob } from '#contract/follow.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { makeEmbeddings, makeGreyProject } from './made-project.ts';
import { machine, openStudio, quantile, temporaryFolder } from './own-studio.ts';
import { simulate } from './simulated-person.ts';

const { folder, remove } = temporaryFolder('labelling');

const side = 28;
const by: EmbeddingSource = { kind: 'backbone', name: 'efficientnet-lite0' };
const centres = 10;

const tell = (what: string, values: readonly number[]) =>
  console.log(
    `${what.padEnd(66)} median ${quantile(values, 0.5).toFixed(1)} ms, 95 % ${quantile(values, 0.95).toFixed(1)} ms, worst ${quantile(values, 1).toFixed(1)} ms (${values.length})`,
  );

/** Images of noise without a class, whose embeddings are drawn around ten centres: the arithmetic is that of photographs. */
async function fill(images: number): Promise<string> {
  const path = join(folder, `${images}.atelier`);
  await makeGreyProject(path, images, side, []);
  await makeEmbeddings(path, images, centres);
  return path;
}

/** Labels one by one and asks for the next page each time; then neighbours. */
async function size(client: StudioClient, images: number): Promise<void> {
  const path = await fill(images);
  await client.project.open({ path });
  await followJob(client, () => client.embeddings.start({ by }));
  const { state } = await client.embeddings.get();
  if (state !== 'complete') throw new Error(`Expected all embeddings to be there, received ${state}.`);
  let start = performance.now();
  await client.suggestions.stats();
  console.log(
    `${`${images} images: opening what is kept`.padEnd(66)} ${(performance.now() - start).toFixed(0)} ms`,
  );
  const classIds: number[] = [];
  for (let index = 0; index < centres; index += 1)
    classIds.push((await client.classes.add({ name: `class ${index}` })).id);
  const label: number[] = [];
  const page: number[] = [];
  const useful: number[] = [];
  for (let round = 0; round < 220; round += 1) {
    const itemId = round * Math.max(1, Math.floor(images / 251)) + 1;
    start = performance.now();
    await client.items.relabel({ itemIds: [itemId], classId: classIds[(itemId - 1) % centres]! });
    const labelled = performance.now() - start;
    await client.suggestions.list({ order: 'certain', offset: 0, limit: 60 });
    const listed = performance.now() - start;
    start = performance.now();
    await client.suggestions.list({ order: 'useful', offset: 0, limit: 1 });
    // What compiles code and fills caches first is nobody's label.
    if (round < 20) continue;
    label.push(labelled);
    page.push(listed);
    useful.push(performance.now() - start);
  }
  tell(`${images} images: a label, until it is on the disk`, label);
  tell(`${images} images: a label, with its new suggestions`, page);
  tell(`${images} images: the most useful one next, after that`, useful);
  const { suggestions } = await client.suggestions.list({ order: 'certain', offset: 0, limit: 100 });
  const right = suggestions.filter(({ item, classId }) => classId === classIds[(item.id - 1) % centres]);
  console.log(`${`${images} images: right of the surest hundred`.padEnd(66)} ${right.length}`);
  const near: number[] = [];
  for (let round = 0; round < 120; round += 1) {
    start = performance.now();
    await client.embeddings.neighbours({ itemId: ((round * 7919) % images) + 1, count: 60 });
    if (round >= 20) near.push(performance.now() - start);
  }
  tell(`${images} images: the 60 neighbours of one`, near);
  await client.project.close();
}

async function main(): Promise<void> {
  const words = process.argv.slice(3);
  const given = words.find((word) => !/^\d+$/.test(word));
  const sizes = words.filter((word) => /^\d+$/.test(word)).map(Number);
  console.log(machine());
  const { client, close } = openStudio();
  try {
    if (given !== undefined) await simulate(client, resolve(given), join(folder, 'person.atelier'), tell);
    for (const images of sizes.length > 0 ? sizes : [600, 10_000, 70_000]) await size(client, images);
  } finally {
    await close();
    remove();
  }
  console.log(`load ${loadavg()[0]!.toFixed(1)} at the end`);
}

void main();
