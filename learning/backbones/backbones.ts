/**
 * The pre-trained networks that a recipe may begin with, as they lie in the person's cache: which are there, and their
 * weights as a file that a training can begin with, converted once. Fetching them is left to scripts/setup, which layer is
 * which to efficientnet-lite.ts, a person's own to own.ts.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { type BackboneName, isPublished, type PublishedBackbone } from '#recipe/backbone-name.ts';
import { backboneNames } from '#recipe/backbone-name.ts';
import { Model } from '#recipe/model.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { digest, tensorsOf } from '#learning/model/model-file.ts';
import { planNetwork } from '#recipe/plan.ts';
import { encodeSafetensors } from '#learning/files/safetensors.ts';
import { backboneTitle } from './definition.ts';
import { backboneLayers } from '#recipe/efficientnet-lite.ts';
import { convertWeights } from './efficientnet-lite-weights.ts';
import { findOwn } from './own.ts';
import { backboneFolder, backboneFormat, convertedFile } from './places.ts';
import { readTorchFile } from './torch-file.ts';

/** Where the weights come from: written by set-up beside them. */
const Source = z.object({
  package: z.string(),
  version: z.string(),
  licence: z.string(),
  /** Of the file of weights. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type BackboneSource = z.infer<typeof Source>;

const weightsFile = 'weights.pth';

/** Where the weights of a published one come from; null where they are not on this machine. */
export function findPublished(name: PublishedBackbone): BackboneSource | null {
  try {
    const folder = backboneFolder(name);
    if (![weightsFile, convertedFile].some((file) => existsSync(join(folder, file)))) return null;
    return Source.parse(JSON.parse(readFileSync(join(folder, 'source.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** Whether its weights are on this machine. */
export const isFound = (name: BackboneName): boolean =>
  (isPublished(name) ? findPublished(name) : findOwn(name)) !== null;

/** Where its weights come from, in words: package or file, licence and digest; null where they are not on this machine. */
export function originOf(name: BackboneName): string | null {
  if (isPublished(name)) {
    const source = findPublished(name);
    return source && `${source.package} ${source.version}, ${source.licence}, SHA-256 ${source.sha256}`;
  }
  const own = findOwn(name);
  return own && `${own.source.file}, ${own.licence ?? 'licence not told'}, SHA-256 ${own.source.sha256}`;
}

/** The text of its licence, which goes with its weights; null where set-up left none, and for a person's own. */
export function backboneLicence(name: BackboneName): string | null {
  try {
    return readFileSync(join(backboneFolder(name), 'LICENSE'), 'utf8');
  } catch {
    return null;
  }
}

/** The published ones that are on this machine, the smallest first. */
export const foundBackbones = (): PublishedBackbone[] =>
  backboneNames.filter((name) => findPublished(name) !== null);

/** @throws BACKBONE_NOT_FOUND, with what to do */
export function requireBackbone(name: BackboneName): void {
  if (isFound(name)) return;
  const how = isPublished(name)
    ? 'Run `npm start` once with a network, which fetches them'
    : 'Add the file that it was read from with the same options (atelier backbones add FILE)';
  throw new AtelierError(
    'BACKBONE_NOT_FOUND',
    `Expected the pre-trained weights of ${isPublished(name) ? backboneTitle(name) : name} in ${backboneFolder(name)}, found none. ${how}, or set model.backbone to null and training.frozenLayers to 0 to train from scratch.`,
    { backbone: name },
  );
}

/**
 * Path of the weights as safetensors, named as the plan names them, made from the published file where it is not there yet.
 * The classifier of ImageNet is left out: a project has its own.
 * @throws BACKBONE_NOT_FOUND, CHECKPOINT_DAMAGED, DISK_FULL, FILE_NOT_WRITABLE
 */
export async function openBackbone(name: BackboneName): Promise<string> {
  requireBackbone(name);
  if (!isPublished(name)) return join(backboneFolder(name), convertedFile);
  const source = findPublished(name);
  const folder = backboneFolder(name);
  const path = join(folder, convertedFile);
  if (existsSync(path)) return path;
  const weights = convertWeights(name, readTorchFile(await readFile(join(folder, weightsFile))));
  const plan = planNetwork(Model.parse({ layers: backboneLayers(name) }), [64, 64, 3], 2);
  const own = plan.weights.filter((weight) => !weight.name.startsWith('classifier/'));
  const tensors = new Map(tensorsOf({ weights: own }, weights));
  const metadata = { format: backboneFormat, backbone: JSON.stringify(name), source: JSON.stringify(source) };
  await mkdir(folder, { recursive: true });
  await writeDurably(path, encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) }));
  return path;
}
