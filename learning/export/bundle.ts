/**
 * The bundle: one zip with all that somebody needs to run a trained model, to check it and to judge it. It is
 * written only after another runtime has reproduced the studio's answers, and is there whole or not at all.
 * Choosing the images to compare on, and the evaluation, is left to the caller.
 */
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- rooms above compile this file without it
/// <reference path="./raw.d.ts" />
import type { Bundle, Parity } from '#contract/bundle.ts';
import { AtelierError } from '#contract/errors.ts';
import { backboneLicence } from '#learning/backbones/backbones.ts';
import { streamDurably, type StreamFile } from '#learning/files/durable-file.ts';
import { digest, modelMetadata, tensorsOf } from '#learning/model/model-file.ts';
import { countParameters, type Plan, planOf } from '#recipe/plan.ts';
import { encodePng } from '#learning/files/png.ts';
import { encodeSafetensors } from '#learning/files/safetensors.ts';
import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BundleInput } from './bundle-input.ts';
import { modelCard } from './card.ts';
import { confusionCsv } from '#learning/files/csv.ts';
import { digestsOf, manifestFile } from './manifest.ts';
import { encodeOnnx } from '#learning/onnx/onnx.ts';
import { proveParity } from './parity.ts';
import predictJs from './samples/predict.js?raw';
import predictPy from './samples/predict.py?raw';
import { readBundle } from './read-bundle.ts';
import { type NamedFile, zip } from '#learning/files/zip.ts';

/** How many golden images are put in as PNGs. */
const sampleCount = 10;

/**
 * The zip is written beside `path`, read back and compared with its manifest, and only then put in place.
 * @param write a test's own way to write
 * @throws PARITY_FAILED where the exported model answers otherwise, CANCELLED, DISK_FULL, FILE_NOT_WRITABLE,
 *   BUNDLE_DAMAGED where what was read back is not what was written; nothing is at `path` then but what was there before
 */
export async function exportBundle(
  input: BundleInput,
  write: StreamFile = streamDurably,
): Promise<Pick<Bundle, 'bytes' | 'files' | 'parity'>> {
  const { recipe, classes, meta, goldenPixels, onProgress, signal } = input;
  const { height, width, channels, fit } = recipe.preprocessing;
  const plan = planOf(recipe, classes.length);
  const { weights, normalisation } = input;
  const model = encodeOnnx({
    plan,
    weights,
    normalisation,
    classes,
    fit,
    version: meta.version,
    runId: meta.runId,
  });
  const images = goldenPixels.length / (height * width * channels);
  const parity = await proveParity(
    model,
    {
      pixels: goldenPixels,
      shape: [images, height, width, channels],
      probabilities: input.goldenProbabilities,
    },
    { onProgress, signal },
  );
  const files = bundleFiles(input, plan, model, parity);
  if (signal?.aborted) throw new AtelierError('CANCELLED', 'The export was cancelled; nothing was written.');
  const digests = digestsOf(files);
  const { version, projectName: project, runId: id, runName: name } = meta;
  const manifest = manifestFile({ version, project, run: { id, name } }, digests);
  await removeParts(input.path);
  await write(input.path, zip([...files, manifest]), {
    temporary: `${input.path}.${randomBytes(6).toString('hex')}.part`,
    check: async (part) => void (await readBundle(part)),
  });
  const { size } = await stat(input.path);
  return { bytes: size, files: [...digests, ...digestsOf([manifest])], parity };
}

/** What exports to this path left behind that were killed. One that is under way elsewhere then fails, and says so. */
async function removeParts(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = await readdir(folder).catch(() => []);
  for (const left of names) {
    if (left.startsWith(`${name}.`) && /^\.[0-9a-f]{12}\.part$/.test(left.slice(name.length)))
      await rm(join(folder, left), { force: true });
  }
}

function bundleFiles(input: BundleInput, plan: Plan, model: Uint8Array, parity: Parity): NamedFile[] {
  const { classes, evaluation, recipe } = input;
  const licence = recipe.model.backbone && backboneLicence(recipe.model.backbone);
  const text = (name: string, content: string): NamedFile => ({
    name,
    bytes: new TextEncoder().encode(content),
  });
  const json = (name: string, value: unknown) => text(name, `${JSON.stringify(value, null, 2)}\n`);
  return [
    text('README.md', modelCard(input, countParameters(plan.weights), parity)),
    { name: 'model.onnx', bytes: model },
    { name: 'weights.safetensors', bytes: encodeWeights(input, plan) },
    json('labels.json', classes),
    json('recipe.json', recipe),
    ...(!licence ? [] : [text('LICENSE-backbone.txt', licence)]),
    ...(evaluation === null
      ? []
      : [
          json('evaluation.json', evaluation),
          text('confusion.csv', confusionCsv(classes, evaluation.confusion)),
        ]),
    json('parity.json', parity),
    ...goldenFiles(input, json),
    text('predict.py', predictPy),
    text('predict.js', predictJs),
  ];
}

/** As model-file.ts keeps it in a run's folder, and the class names with it: it can be trained on from here. */
function encodeWeights(
  { recipe, classes, normalisation, weights, meta }: BundleInput,
  plan: Plan,
): Uint8Array {
  const tensors = new Map(tensorsOf(plan, weights));
  const model = { recipe, classCount: classes.length, normalisation, epoch: meta.bestEpoch };
  const metadata = { ...modelMetadata(model), classes: JSON.stringify(classes) };
  return encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) });
}

/** A few golden images, of as many classes as there are, each with its label and the studio's answer. */
function goldenFiles(input: BundleInput, json: (name: string, value: unknown) => NamedFile): NamedFile[] {
  const { classes, goldenPixels, goldenProbabilities } = input;
  const labels = Array.from(input.goldenLabels);
  const { height, width, channels } = input.recipe.preprocessing;
  const size = height * width * channels;
  const firsts = labels.map((_, index) => index).filter((index) => labels.indexOf(labels[index]!) === index);
  const others = labels.map((_, index) => index).filter((index) => !firsts.includes(index));
  const chosen = [...firsts, ...others].slice(0, sampleCount);
  const expected = chosen.map((index, position) => ({
    file: `${position}.png`,
    label: classes[labels[index]!]!,
    probabilities: [...goldenProbabilities.subarray(index * classes.length, (index + 1) * classes.length)],
  }));
  return [
    ...chosen.map((index, position) => ({
      name: `golden/${position}.png`,
      bytes: encodePng(goldenPixels.subarray(index * size, (index + 1) * size), width, height, channels),
    })),
    json('golden/expected.json', expected),
  ];
}
