/**
 * Backbones that a person has added from files of their own, ONNX or TensorFlow.js: what a file would become, and those that are
 * kept in the person's cache, each in a folder with its description and its weights. The file itself is not kept and never run.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { OwnBackbone } from '#recipe/backbone-name.ts';
import { Layer } from '#recipe/layer.ts';
import { migratePreprocessing } from '#recipe/migrate.ts';
import { Preprocessing } from '#recipe/preprocessing.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { digest, tensorsOf } from '#learning/model/model-file.ts';
import type { Weights } from '#learning/model/network.ts';
import type { Plan } from '#recipe/plan.ts';
import { encodeSafetensors } from '#learning/files/safetensors.ts';
import { greatestFile, refuse, requireSize } from './graph.ts';
import { readNetwork, type ReadNetwork } from './graph-network.ts';
import { readOnnxFile } from './onnx-file.ts';
import { onnxOperators } from './onnx-operators.ts';
import { layersOf, planned } from './own-layers.ts';
import { backboneFolder, backboneFormat, convertedFile, ownFolder } from './places.ts';
import { type PixelOptions, preprocessingOf } from './own-preprocessing.ts';
import { isJson, readTfjsFile } from './tfjs-file.ts';
import { tfjsOperators } from './tfjs-operators.ts';

const descriptionFile = 'backbone.json';

export const OwnDescription = z.object({
  format: z.literal('atelier-own-backbone/1'),
  name: OwnBackbone,
  layers: z.array(Layer).min(1).max(64),
  preprocessing: z.preprocess(migratePreprocessing, Preprocessing.omit({ fit: true })),
  parameters: z.int(),
  /** Numbers of an image, and where in the file they were found. */
  features: z.object({ count: z.int(), from: z.string() }),
  /** The file that it was read from: its name, and SHA-256; of model.json with its shards behind it. */
  source: z.object({ file: z.string(), sha256: z.string() }),
  licence: z.string().nullable(),
});
export type OwnDescription = z.infer<typeof OwnDescription>;

export interface OwnOptions extends PixelOptions {
  /** What it is called; absent: the file's name. */
  name?: string | undefined;
  output?: string | undefined;
  size?: { height: number; width: number } | undefined;
  licence?: string | undefined;
}

/** What a file becomes; nothing is kept yet. */
export interface OwnCandidate {
  description: OwnDescription;
  own: Plan['weights'];
  weights: Weights;
}

/** A name as recipes have it, from a file's; every model.json is called so, and its folder as the network. */
const nameFrom = (file: string): string =>
  basename(/^model\.json$/i.test(basename(file)) ? dirname(resolve(file)) : file)
    .replace(/\.(onnx|json)$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 40) || 'backbone';

/** Bytes of the file. @throws FILE_NOT_READABLE, BACKBONE_REFUSED where it is no file or too large */
async function bytesOf(path: string): Promise<Buffer> {
  // Asked before it is opened: a pipe that nobody writes to would wait for ever.
  const found = await stat(path);
  if (!found.isFile())
    refuse(
      'an ONNX file, or the model.json of TensorFlow.js',
      `${path}, which is no file`,
      'Name the .onnx file or the model.json itself.',
    );
  requireSize('a file', found.size, greatestFile);
  return readFile(path);
}

/** The network of a file, and all bytes that it came from. */
async function networkOf(
  path: string,
  options: OwnOptions,
): Promise<{ network: ReadNetwork; bytes: Buffer[] }> {
  const bytes = await bytesOf(path);
  if (!isJson(bytes))
    return { network: readNetwork(readOnnxFile(bytes), onnxOperators, options), bytes: [bytes] };
  const { file, shards } = await readTfjsFile(bytes, path);
  return { network: readNetwork(file, tfjsOperators, options), bytes: [bytes, ...shards] };
}

/**
 * Reads a file as a backbone.
 * @throws FILE_NOT_READABLE; BACKBONE_REFUSED, with what does not fit or what must be told
 */
export async function readOwn(path: string, options: OwnOptions): Promise<OwnCandidate> {
  const { network, bytes } = await networkOf(path, options);
  const preprocessing = preprocessingOf(network, options);
  const { height, width, channels } = preprocessing;
  const layers = layersOf(network.operations, network.features.shape);
  const { own, weights } = planned(layers, [height, width, channels], network.operations);
  const tensors = new Map(tensorsOf({ weights: own }, weights));
  const label = options.name ?? nameFrom(path);
  const name = OwnBackbone.safeParse(
    `${label}@${digest(tensors, metadataOf({ layers, preprocessing })).slice(0, 12)}`,
  );
  if (!name.success)
    refuse(
      'a name of up to 40 small letters, digits, dots, dashes and underscores',
      JSON.stringify(label),
      'Give one with --name.',
    );
  const hashed = createHash('sha256');
  for (const part of bytes) hashed.update(part);
  return {
    own,
    weights,
    description: {
      format: 'atelier-own-backbone/1',
      name: name.data!,
      layers,
      preprocessing,
      parameters: own.reduce((sum, { name: weight }) => sum + weights.get(weight)!.length, 0),
      features: { count: network.features.shape.at(-1)!, from: network.features.from },
      source: { file: basename(path), sha256: hashed.digest('hex') },
      licence: options.licence ?? null,
    },
  };
}

const metadataOf = ({ layers, preprocessing }: Pick<OwnDescription, 'layers' | 'preprocessing'>) => ({
  format: backboneFormat,
  layers: JSON.stringify(layers),
  preprocessing: JSON.stringify(preprocessing),
});

/** Keeps it, whole or not at all; once more where it is there already. @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function addOwn({ description, own, weights }: OwnCandidate): Promise<void> {
  const folder = backboneFolder(description.name);
  const temporary = `${folder}.${process.pid}.tmp`;
  const tensors = new Map(tensorsOf({ weights: own }, weights));
  const metadata = metadataOf(description);
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await writeDurably(
      join(temporary, convertedFile),
      encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) }),
    );
    await writeDurably(
      join(temporary, descriptionFile),
      Buffer.from(`${JSON.stringify(description, null, 1)}\n`),
    );
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw cause;
  }
}

/** What is kept of one; null where it is not on this machine, or cannot be read. */
export function findOwn(name: OwnBackbone): OwnDescription | null {
  const folder = backboneFolder(name);
  try {
    if (!existsSync(join(folder, convertedFile))) return null;
    const found = OwnDescription.parse(JSON.parse(readFileSync(join(folder, descriptionFile), 'utf8')));
    return found.name === name ? found : null;
  } catch {
    return null;
  }
}

/** All that are kept, by name. */
export function listOwn(): OwnDescription[] {
  let names: string[] = [];
  try {
    names = readdirSync(ownFolder()).sort();
  } catch {
    // None was added yet.
  }
  return names.flatMap((name) => {
    const parsed = OwnBackbone.safeParse(name);
    const found = parsed.success ? findOwn(parsed.data) : null;
    return found ? [found] : [];
  });
}

/** Runs that began with it keep their weights. @throws FILE_NOT_WRITABLE */
export const removeOwn = (name: OwnBackbone): Promise<void> =>
  rm(backboneFolder(name), { recursive: true, force: true });
