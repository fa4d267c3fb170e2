/**
 * The variables of a run as one thing: network, average and the optimizer state, read and written together.
 * What they are used for is step.ts, how they are kept is checkpoint.ts.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import {
  type NamedVariable,
  type Network,
  readWeights,
  type Weights,
  writeWeights,
} from '#learning/model/network.ts';
import type { VariableValues } from './checkpoint.ts';

export interface Variables {
  network: Network;
  average: Network | null;
  /** By slot name. */
  optimizerState: ReadonlyMap<string, NamedVariable[]>;
}

/** The values as they are now. */
export async function readVariables({
  network,
  average,
  optimizerState,
}: Variables): Promise<VariableValues> {
  const values: VariableValues = {
    weights: await readWeights(network),
    average: average && (await readWeights(average)),
    optimizerState: new Map(),
  };
  for (const [slot, variables] of optimizerState)
    values.optimizerState.set(slot, await readWeights({ variables }));
  return values;
}

/**
 * Reads what steps have changed. Frozen weights are read the first time alone: beside a head they are nearly all of the
 * network, and copying them took longer than the epoch. Nobody may write to the variables in between.
 * @returns of each call: all values, and those of them that were read
 */
export function openReading(
  variables: Variables,
): () => Promise<{ values: VariableValues; read: VariableValues }> {
  const { network } = variables;
  const changing = network.variables.filter(({ name }) => !network.frozen.has(name));
  let all: Weights | null = null;
  return async () => {
    const part = all === null ? network : { ...network, variables: changing };
    const read = await readVariables({ ...variables, network: part });
    all = new Map([...(all ?? []), ...read.weights]);
    return { values: { ...read, weights: all }, read };
  };
}

/** @throws RangeError where they are another network's */
export function writeVariables(
  { network, average, optimizerState }: Variables,
  values: VariableValues,
): void {
  writeWeights(network, values.weights);
  if (average) writeWeights(average, values.average ?? new Map());
  for (const [slot, variables] of optimizerState)
    writeWeights({ variables }, values.optimizerState.get(slot) ?? new Map());
}

/** What holds NaN or an infinity. */
export interface NotFinite {
  /** Of the weight. */
  name: string;
  /** The weight itself, its average, or what the optimizer remembers of it. */
  part: 'weights' | 'average' | 'memory';
  /** Of the optimizer state. */
  slot?: string;
}

/** Numbers that are looked at before others have a turn: some milliseconds. */
const turnNumbers = 2 ** 20;

/** The first that is not finite: weights before memory before average; null where none is. Looks in turns with other work. */
export async function firstNotFinite({
  weights,
  average,
  optimizerState,
}: VariableValues): Promise<NotFinite | null> {
  const parts: [Omit<NotFinite, 'name'>, Weights][] = [
    [{ part: 'weights' }, weights],
    ...[...optimizerState].map(([slot, values]): (typeof parts)[number] => [
      { part: 'memory', slot },
      values,
    ]),
    ...(average ? [[{ part: 'average' }, average] as (typeof parts)[number]] : []),
  ];
  let seen = 0;
  for (const [part, values] of parts) {
    for (const [name, numbers] of values) {
      for (let start = 0; start < numbers.length; start += turnNumbers) {
        const end = Math.min(start + turnNumbers, numbers.length);
        // A plain loop: `every` takes twenty times as long.
        for (let index = start; index < end; index += 1) {
          if (!Number.isFinite(numbers[index])) return { name, ...part };
        }
        seen += end - start;
        if (seen < turnNumbers) continue;
        seen = 0;
        await turnOfEventLoop();
      }
    }
  }
  return null;
}
