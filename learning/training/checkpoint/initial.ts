/**
 * Beginning with weights that are there. Which way is said by the file: a checkpoint is continued (weights,
 * average and the optimizer state), kept weights (`model.safetensors`) are fine-tuned, those of a backbone begun with
 * (weights alone). Copying the
 * file into the run's folder is left to engine/, so that a run is a function of its own folder.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AtelierError } from '#contract/errors.ts';
import type { Optimizer } from '#recipe/optimizer.ts';
import type { Origin } from '#contract/run.ts';
import { backboneFormat } from '#learning/backbones/places.ts';
import { digest, modelFormat } from '#learning/model/model-file.ts';
import { type Known, type NamedVariable, writeWeights } from '#learning/model/network.ts';
import type { Weight } from '#recipe/operation.ts';
import { damaged, decodeSafetensors, type SafeTensor } from '#learning/files/safetensors.ts';
import { checkpointFormat } from './checkpoint.ts';
import { updateRule } from '#learning/training/step/optimizers.ts';
import type { Variables } from './variables.ts';

export interface Initial {
  how: Origin['how'] | 'backbone';
  /** SHA-256 of the file. */
  sha256: string;
  tensors: ReadonlyMap<string, SafeTensor>;
  /** That the optimizer state has seen; 0 for fine-tuning. */
  stepsBefore: number;
}

const ways: Partial<Record<string, Initial['how']>> = {
  [checkpointFormat]: 'continue',
  [modelFormat]: 'fine-tune',
  [backboneFormat]: 'backbone',
};

/** @throws NOT_FOUND; CHECKPOINT_DAMAGED for any file but a whole checkpoint, model or backbone */
export async function readInitial(path: string): Promise<Initial> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new AtelierError(
      'NOT_FOUND',
      `Expected the weights to begin with at ${path}, but could not read them (${cause.code}). Start a new run.`,
      { path },
      { cause },
    );
  });
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { format, sha256 } = metadata;
  const how = format === undefined ? undefined : ways[format];
  if (!how) throw damaged(`a file of format ${Object.keys(ways).join(' or ')}`, format ?? 'none');
  const found = digest(tensors, metadata);
  if (found !== sha256) throw damaged(`content with SHA-256 ${sha256}`, found);
  const number = (key: string) => Number(JSON.parse(metadata[key] ?? '0'));
  return {
    how,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    tensors,
    stepsBefore: number('stepsBefore') + number('stepsDone'),
  };
}

/** What a run began with. */
export interface Beginning {
  /** Names of the weights that were taken. */
  taken: string[];
  /** Of those that stay fresh. */
  fresh: string[];
  /**
   * Of those that the continued run did not train, and this one does, where the optimizer state of all begins anew
   * for their sake; else none.
   */
  unfrozen: string[];
  /** That the optimizer state has seen. */
  stepsBefore: number;
}

/**
 * Gives fresh variables what the file has of the same name and shape. Adam's corrections are the same for all weights
 * and grow weaker with the steps: weights that it remembers nothing of, since they were frozen before, would take steps
 * several times too large. There the whole optimizer state begins anew.
 * @throws CONFLICT on continuing with another network or optimizer
 */
export function begin(variables: Variables, initial: Initial, optimizer: Optimizer): Beginning {
  const { network, average, optimizerState } = variables;
  const prefix = prefixOf(initial);
  const taken = network.variables.filter((each) => fits(initial, prefix, each));
  const fresh = network.variables.filter((each) => !taken.includes(each)).map(({ name }) => name);
  if (initial.how === 'continue') refuseOther(variables, initial, fresh);

  take(initial, prefix, network.variables);
  if (average) {
    const averaged = average.variables.every((each) => fits(initial, 'average/', each));
    take(initial, averaged ? 'average/' : prefix, average.variables);
  }
  const unfrozen = countsSteps(optimizer) ? namesUnfrozen(initial, optimizerState) : [];
  if (unfrozen.length === 0) {
    // Where no steps are counted, a layer that was frozen before begins with no optimizer state of its own.
    for (const [slot, remembered] of optimizerState) take(initial, `slots/${slot}/`, remembered);
  }
  return {
    taken: taken.map(({ name }) => name),
    fresh,
    unfrozen,
    stepsBefore: unfrozen.length === 0 ? initial.stepsBefore : 0,
  };
}

const countsSteps = (optimizer: Optimizer): boolean => updateRule(optimizer).corrections(1).length > 0;

function namesUnfrozen(initial: Initial, optimizerState: Variables['optimizerState']): string[] {
  if (initial.how !== 'continue') return [];
  const missing = [...optimizerState].flatMap(([slot, remembered]) =>
    remembered.filter((each) => !fits(initial, `slots/${slot}/`, each)).map(({ name }) => name),
  );
  return [...new Set(missing)];
}

/** Of the network's weights, what the file has: `begin` gives it to the variables, so that nobody has to draw it. */
export const knownFrom =
  (initial: Initial): Known =>
  (weight) =>
    valuesOf(initial, prefixOf(initial) + weight.name, weight);

/** Null where the file has none of this name and shape. */
function valuesOf({ tensors }: Initial, name: string, { shape }: Weight): Float32Array | null {
  const tensor = tensors.get(name);
  const fitting = tensor?.dtype === 'F32' && tensor.shape.join() === shape.join();
  return fitting ? (tensor.data as Float32Array) : null;
}

const prefixOf = ({ how }: Initial): string => (how === 'continue' ? 'weights/' : '');

const fits = (initial: Initial, prefix: string, { name, weight }: NamedVariable): boolean =>
  valuesOf(initial, prefix + name, weight) !== null;

function take(initial: Initial, prefix: string, named: NamedVariable[]): void {
  const fitting = named.filter((each) => fits(initial, prefix, each));
  const valueOf = ({ name }: NamedVariable) => initial.tensors.get(prefix + name)!.data as Float32Array;
  writeWeights({ variables: fitting }, new Map(fitting.map((each) => [each.name, valueOf(each)])));
}

function refuseOther({ optimizerState }: Variables, { tensors }: Initial, fresh: string[]): void {
  if (fresh.length > 0) {
    throw new AtelierError(
      'CONFLICT',
      `Continuing expects the layers and classes of the earlier run, but it has no ${fresh[0]} of this shape. Choose the same layers, or fine-tune instead, which takes what fits.`,
      { fresh },
    );
  }
  const namesIn = [...tensors.keys()].flatMap((name) => /^slots\/([^/]+)\//.exec(name)?.[1] ?? []);
  const before = [...new Set(namesIn)].sort().join(', ');
  const now = [...optimizerState.keys()].sort().join(', ');
  if (before === now) return;
  throw new AtelierError(
    'CONFLICT',
    `Continuing expects the optimizer of the earlier run, which remembers ${before || 'nothing'}; this one remembers ${now || 'nothing'}. Choose the same optimizer, or fine-tune instead.`,
    { before, now },
  );
}
