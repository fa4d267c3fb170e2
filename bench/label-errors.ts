/**
 * `npm run bench:label-errors -- SOURCE SHARE [--project PATH] [--seeds N] [--neighbours]`: flips a share of the labels of a source to other classes and says
 * how many of these are found: by out-of-fold predictions of a logistic regression on embeddings, by the votes of the nearest
 * images, and by both; cleanlab on the same predictions beside it, where a Python has it. Also which sequences the names make,
 * and what a split that keeps them together leaks beside one that does not.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { nearestOthers } from '#learning/embeddings/nearest-others.ts';
import { normaliseRows, VectorTable } from '#learning/embeddings/vector-table.ts';
import type { Predicted } from '#learning/label-errors/confident-joint.ts';
import { errorFilters, findLabelErrors } from '#learning/label-errors/label-errors.ts';
import {
  labelQuality,
  meanProbabilities,
  qualityScores,
  rankByQuality,
} from '#learning/label-errors/label-quality.ts';
import { neighbourVotes } from '#learning/label-errors/neighbour-votes.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';
import { outOfFoldProbabilities } from '#learning/regression/out-of-fold.ts';
import { assignFolds, assignParts } from '#learning/splits/assign-groups.ts';
import { groupImages } from '#learning/splits/groups.ts';
import { compareLeaks } from '#learning/splits/leaks.ts';
import { findSequences } from '#learning/splits/sequences.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { pythonExecutables } from '#learning/tensorflow/locate.ts';
import { type EmbeddedImages, embeddedImages } from './embedded-project.ts';
import cleanlabErrors from './peers/cleanlab_errors.py?raw';

const folds = 5;
const neighbours = 15;
/** All pairs are looked at for the neighbours: beyond this that takes minutes, and is done where `--neighbours` asks for it. */
const mostForNeighbours = 20_000;
const learning = { decay: 1, evaluations: 80 };

const folder = mkdtempSync(join(tmpdir(), 'atelier-bench-label-errors-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');

const lap = (() => {
  let start = performance.now();
  return (what: string) => {
    console.log(`${what.padEnd(78)} ${((performance.now() - start) / 1000).toFixed(1)} s`);
    start = performance.now();
  };
})();

/** The groups that names and looks make. @param unit embeddings less their mean, of length 1, [images, size] */
function groupsOf({ names, labels, size }: EmbeddedImages, unit: Float32Array): Int32Array {
  const similarity = (a: number, b: number) => {
    let sum = 0;
    for (let at = 0; at < size; at += 1) sum += unit[a * size + at]! * unit[b * size + at]!;
    return sum;
  };
  const { pairs, neighbours: numbered, thresholds } = findSequences({ names, labels, similarity, seed: 1 });
  const { groups, count } = groupImages(names.length, { sequences: pairs });
  const sizes = new Int32Array(count);
  for (const group of groups) sizes[group]! += 1;
  console.log(
    `${numbered} numbered neighbours, ${pairs.length} of them look alike (from ${[...thresholds.values()].map((value) => value?.toFixed(2) ?? 'none').join(', ')} on): ${count} groups, the largest of ${Math.max(...sizes)} images`,
  );
  const draw = { testShare: 0.15, validationShare: 0.2, seed: 1 };
  const images = Array.from(labels, (stratum, id) => ({ id, stratum, part: null }));
  const naive = assignParts(
    images.map((image) => ({ ...image, group: image.id })),
    draw,
  ).parts;
  const grouped = assignParts(
    images.map((image) => ({ ...image, group: groups[image.id]! })),
    draw,
  );
  const { naive: before, grouped: after } = compareLeaks(pairs, naive, grouped.parts);
  for (const part of ['validation', 'test'] as const)
    console.log(
      `  ${part}: ${before[part].leaked} of ${before[part].images} images have a neighbour that looks alike in training, where groups are kept ${after[part].leaked} of ${after[part].images}`,
    );
  console.log(`  classes that are not balanced: ${grouped.unbalanced.length}`);
  lap('Groups, and two splits');
  return groups;
}

function flip(
  labels: Int32Array,
  classes: number,
  share: number,
  seed: number,
): { given: Int32Array; wrong: Set<number> } {
  const random = generator(seed, 77);
  const order = shuffle(Int32Array.from(labels.keys()), random);
  const wrong = new Set(order.subarray(0, Math.round(share * labels.length)));
  const given = labels.map((label, at) =>
    wrong.has(at) ? (label + 1 + Math.floor(random() * (classes - 1))) % classes : label,
  );
  return { given, wrong };
}

/** How many of the wrong ones are among the first n, and the first 2n. */
function found(predicted: Predicted, wrong: ReadonlySet<number>): Record<string, [number, number]> {
  return Object.fromEntries(
    qualityScores.map((score) => {
      const ranked = rankByQuality(labelQuality(predicted, score));
      const among = (count: number) => ranked.subarray(0, count).filter((place) => wrong.has(place)).length;
      return [score, [among(wrong.size), among(2 * wrong.size)]];
    }),
  );
}

interface Peer {
  found: Record<string, [number, number]>;
  issues: Record<string, { places: number[]; right: number }>;
}

async function cleanlab(
  { labels, probabilities }: Predicted,
  wrong: ReadonlySet<number>,
): Promise<Peer | null> {
  const shared = join(folder, 'shared');
  mkdirSync(shared, { recursive: true });
  writeFileSync(join(shared, 'labels.i32'), Int32Array.from(labels));
  writeFileSync(join(shared, 'probabilities.f64'), Float64Array.from(probabilities));
  writeFileSync(join(shared, 'wrong.i32'), Int32Array.from(wrong));
  for (const python of pythonExecutables()) {
    try {
      const options = { timeout: 300_000, maxBuffer: 2 ** 26 };
      const { stdout } = await promisify(execFile)(python, ['-c', cleanlabErrors, shared], options);
      return JSON.parse(stdout.trim().split('\n').at(-1)!) as Peer;
    } catch {
      // The next one may have it.
    }
  }
  return null;
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      project: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      neighbours: { type: 'boolean', default: false },
    },
  });
  const [source, share] = [positionals[0], Number(positionals[1] ?? 0.05)];
  if (source === undefined) throw new Error('Expected a folder of images to flip labels of, received none.');
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}`);
  const path = values.project ?? join(folder, 'label-errors.atelier');
  const images = await embeddedImages(resolve(path), resolve(source));
  const { labels, classNames, size, embeddings } = images;
  const classes = classNames.length;
  lap(`${labels.length} images of ${classes} classes, with embeddings`);

  const engine = await openEngine({});
  normaliseRows(embeddings, size);
  const table = new VectorTable(size);
  table.append(embeddings.slice());
  const features = tf.tidy(() => {
    const centred = tf.sub(tf.tensor2d(embeddings, [labels.length, size]), table.mean());
    return tf.div(centred, tf.maximum(1e-6, tf.norm(centred, 2, 1, true))) as tf.Tensor2D;
  });
  const groups = groupsOf(images, (await features.data()) as Float32Array);
  const near =
    values.neighbours || labels.length <= mostForNeighbours ? await nearestOthers(table, neighbours) : null;
  if (near) lap(`${neighbours} nearest of each`);

  const sums = new Map<string, [number, number]>();
  const add = (who: string, counts: Record<string, [number, number]>) => {
    for (const [score, [first, twice]] of Object.entries(counts)) {
      const before = sums.get(`${who}, ${score}`) ?? [0, 0];
      sums.set(`${who}, ${score}`, [before[0] + first, before[1] + twice]);
    }
  };
  let total = 0;
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    const { given, wrong } = flip(labels, classes, share, seed);
    total += wrong.size;
    const { foldOf } = assignFolds(
      Array.from(given, (stratum, id) => ({ id, stratum, group: groups[id]! })),
      folds,
      seed,
    );
    const ofModel = await outOfFoldProbabilities(features, given, foldOf, { ...learning, classes });
    const right = labels.filter((label, at) => {
      const row = ofModel.subarray(at * classes, (at + 1) * classes);
      return row[label] === Math.max(...row);
    }).length;
    lap(
      `Seed ${seed}: ${wrong.size} labels flipped; out of fold ${((100 * right) / labels.length).toFixed(1)} % as before the flip`,
    );
    const predicted = { labels: given, probabilities: ofModel, classes };
    add('model', found(predicted, wrong));
    if (near) {
      const votes = neighbourVotes(near, given, classes);
      add('neighbours', found({ ...predicted, probabilities: votes }, wrong));
      add('both', found({ ...predicted, probabilities: meanProbabilities([ofModel, votes]) }, wrong));
    }
    const errors = errorFilters.map((filter) =>
      findLabelErrors(predicted, { filter }).map(({ place }) => place),
    );
    errors.forEach((places, at) =>
      console.log(
        `  ${errorFilters[at]}: ${places.length} found, ${places.filter((place) => wrong.has(place)).length} of them flipped`,
      ),
    );
    const peer = await cleanlab(predicted, wrong);
    if (peer) {
      add('cleanlab', peer.found);
      Object.values(peer.issues).forEach(({ places, right: flipped }, at) => {
        const own = new Set(errors[at]);
        const both = places.filter((place) => own.has(place)).length;
        console.log(`  cleanlab: ${places.length} found, ${flipped} of them flipped; ${both} the same`);
      });
    }
    lap('  errors');
  }
  for (const [who, [first, twice]] of sums)
    console.log(
      `${who.padEnd(50)} ${((100 * first) / total).toFixed(1)} % among as many as were flipped, ${((100 * twice) / total).toFixed(1)} % among twice as many`,
    );
  features.dispose();
  table.dispose();
  engine.close();
  rmSync(folder, { recursive: true, force: true });
}

void main();
