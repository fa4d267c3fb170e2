/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011): values that were more common among the best trials
 * than among the others are tried next. Details and defaults are those of Optuna 5 for one objective, against whose
 * densities the tests compare: ten random trials first, the best ceil(n/10), at most 25, are the good ones, kernels
 * span all parameters together, and what is still under way counts as not good (the constant liar).
 */
import type { SearchParameter } from '#recipe/search-space.ts';
import { cutNormalQuantile, logNormalDensity, logNormalMass } from './normal.ts';
import { bounds, tidy, type Values } from './space.ts';

/** Trials drawn at random before there is anything to learn from. */
export const startupTrials = 10;
const candidates = 24;
/** Trials of this age and less count fully; older ones less and less (Bergstra et al. 2013). */
const fullWeights = 25;

/** How many of n trials are the good ones. */
export const goodCount = (trials: number): number => Math.min(Math.ceil(0.1 * trials), 25);

/** A mixture of kernels, one a trial and one for the whole space, each a product over the parameters. */
export interface ParzenEstimator {
  /** Sum to 1; one a kernel. */
  weights: number[];
  /** One a parameter, in the order of the space. */
  parts: Part[];
}

type Part =
  | { kind: 'choice'; parameter: SearchParameter & { kind: 'choice' }; shares: number[][] }
  | {
      kind: 'range';
      parameter: Exclude<SearchParameter, { kind: 'choice' }>;
      /** On the parameter's own scale: logarithms where it is logarithmic. */
      low: number;
      high: number;
      means: number[];
      deviations: number[];
      /** log of each kernel's mass within the range. */
      masses: number[];
    };

/** @param observed trials in the order of their numbers */
export function parzen(space: readonly SearchParameter[], observed: readonly Values[]): ParzenEstimator {
  const raw = [...ageWeights(observed.length), 1];
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return {
    weights: raw.map((weight) => weight / sum),
    parts: space.map((parameter) => partOf(parameter, observed)),
  };
}

function ageWeights(count: number): number[] {
  const ramp = Math.max(0, count - fullWeights);
  return Array.from({ length: count }, (_, index) => {
    if (index >= ramp) return 1;
    return ramp === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * index) / (ramp - 1);
  });
}

function partOf(parameter: SearchParameter, observed: readonly Values[]): Part {
  const kernels = observed.length + 1;
  if (parameter.kind === 'choice') {
    const texts = parameter.values.map((value) => JSON.stringify(value));
    const prior = 1 / kernels;
    const even = texts.map(() => 1 / texts.length);
    const shares = observed.map((values) => {
      const seen = texts.indexOf(JSON.stringify(values[parameter.path]));
      return texts.map((_, index) => (prior + (index === seen ? 1 : 0)) / (prior * texts.length + 1));
    });
    return { kind: 'choice', parameter, shares: [...shares, even] };
  }
  const [low, high] = bounds(parameter);
  const seen = observed.map(({ [parameter.path]: value }) => onScale(parameter, Number(value)));
  const means = [...seen, (low + high) / 2];
  const deviations = [...widths(seen, low, high), high - low];
  const masses = means.map((mean, kernel) => {
    const deviation = deviations[kernel]!;
    return logNormalMass((low - mean) / deviation, (high - mean) / deviation);
  });
  return { kind: 'range', parameter, low, high, means, deviations, masses };
}

const onScale = ({ logarithmic }: { logarithmic: boolean }, value: number) =>
  logarithmic ? Math.log(value) : value;

/**
 * Each kernel reaches as far as its farther neighbour; the outermost two as far as their only one. None is narrower
 * than the range over min(100, trials + 2) ("magic clip") nor wider than the range.
 */
function widths(means: readonly number[], low: number, high: number): number[] {
  const order = means.map((_, index) => index).sort((a, b) => means[a]! - means[b]!);
  const narrowest = (high - low) / Math.min(100, means.length + 2);
  const result = new Array<number>(means.length);
  order.forEach((index, rank) => {
    const here = means[index]!;
    const before = rank > 0 ? here - means[order[rank - 1]!]! : null;
    const after = rank < order.length - 1 ? means[order[rank + 1]!]! - here : null;
    const reach =
      means.length === 1
        ? Math.max(here - low, high - here)
        : Math.max(before ?? -Infinity, after ?? -Infinity);
    result[index] = Math.min(high - low, Math.max(narrowest, reach));
  });
  return result;
}

/** log of the mixture's density; of its probability for whole numbers and choices. */
export function logDensity({ weights, parts }: ParzenEstimator, values: Values): number {
  const logs = weights.map((weight) => Math.log(weight));
  for (const part of parts) {
    const kernelLog = kernelLogs(part, values[part.parameter.path]);
    logs.forEach((_, kernel) => (logs[kernel]! += kernelLog(kernel)));
  }
  const highest = logs.reduce((most, log) => Math.max(most, log), -Infinity);
  if (highest === -Infinity) return -Infinity;
  return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0));
}

/** log density of one value under each kernel of a part. */
function kernelLogs(part: Part, value: unknown): (kernel: number) => number {
  if (part.kind === 'choice') {
    const text = JSON.stringify(value);
    const index = part.parameter.values.findIndex((known) => JSON.stringify(known) === text);
    return (kernel) => Math.log(part.shares[kernel]![index]!);
  }
  const { parameter, means, deviations, masses } = part;
  const z = (at: number, kernel: number) => (at - means[kernel]!) / deviations[kernel]!;
  const number = Number(value);
  if (parameter.kind === 'integer') {
    const [from, to] = [onScale(parameter, number - 0.5), onScale(parameter, number + 0.5)];
    return (kernel) => logNormalMass(z(from, kernel), z(to, kernel)) - masses[kernel]!;
  }
  const at = onScale(parameter, number);
  return (kernel) => logNormalDensity(z(at, kernel)) - Math.log(deviations[kernel]!) - masses[kernel]!;
}

/** A draw from the mixture. */
export function drawParzen({ weights, parts }: ParzenEstimator, random: () => number): Values {
  const kernel = drawIndex(weights, random());
  return Object.fromEntries(
    parts.map((part) => {
      const { parameter } = part;
      const share = random();
      if (part.kind === 'choice')
        return [parameter.path, part.parameter.values[drawIndex(part.shares[kernel]!, share)] ?? null];
      const { low, high, means, deviations } = part;
      const drawn = cutNormalQuantile(share, means[kernel]!, deviations[kernel]!, low, high);
      return [parameter.path, tidy(part.parameter, part.parameter.logarithmic ? Math.exp(drawn) : drawn)];
    }),
  );
}

function drawIndex(shares: readonly number[], share: number): number {
  let below = 0;
  const found = shares.findIndex((width) => (below += width) > share);
  return found < 0 ? shares.length - 1 : found;
}

/**
 * Draws of the good trials' density, most promising first: by the ratio of the densities.
 * @param ended from the best to the worst, with their numbers
 * @param underWay have no score yet
 */
export function tpeCandidates(
  space: readonly SearchParameter[],
  ended: readonly { number: number; values: Values }[],
  underWay: readonly { number: number; values: Values }[],
  random: () => number,
): Values[] {
  const inOrder = (trials: readonly { number: number; values: Values }[]) =>
    [...trials].sort((a, b) => a.number - b.number).map(({ values }) => values);
  const split = goodCount(ended.length);
  const good = parzen(space, inOrder(ended.slice(0, split)));
  const others = parzen(space, inOrder([...ended.slice(split), ...underWay]));
  return Array.from({ length: candidates }, () => drawParzen(good, random))
    .map((values) => ({ values, promise: logDensity(good, values) - logDensity(others, values) }))
    .sort((a, b) => b.promise - a.promise)
    .map(({ values }) => values);
}
