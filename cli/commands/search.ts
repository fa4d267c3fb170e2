/** `atelier search`: which values of a recipe are best, by trials over a space read from a file. */
import { readFileSync } from 'node:fs';
import { objective } from '#recipe/metrics/index.ts';
import { SearchSpace } from '#recipe/search-space.ts';
import { StudyPlan } from '#contract/study.ts';
import { type Command, text, type Values, wholeNumber } from '../command.ts';
import { usage } from '../output.ts';
import { runStudy, studyOptions } from '../study.ts';

const samplers = ['tpe', 'random', 'grid'] as const;
const example = '[{"kind":"number","path":"training.learningRate","low":0.001,"high":1,"logarithmic":true}]';

export const searchCommand: Command = {
  name: 'search',
  words: 'PROJECT',
  about: `try values of a recipe and rank them by validation ${objective.label}; the test part is never seen`,
  needsEngine: true,
  options: {
    space: { type: 'string', value: 'FILE', about: `what to vary, as JSON: ${example}` },
    trials: { type: 'string', value: 'N', about: 'how many to try (20 if absent)' },
    sampler: { type: 'string', value: samplers.join('|'), about: 'how values are chosen (tpe if absent)' },
    halving: {
      type: 'string',
      value: 'R:E',
      about: 'train all for E epochs, then the best one in R for R times as many, and so on',
    },
    seed: { type: 'string', value: 'N', about: 'of the choice of values (1 if absent)' },
    ...studyOptions,
  },
  least: 1,
  most: 1,
  run: (input) => runStudy(input, 'search', () => planOf(input.values)),
};

/** @throws USAGE */
function planOf(values: Values): StudyPlan {
  const sampler = text(values.sampler) ?? 'tpe';
  if (!(samplers as readonly string[]).includes(sampler))
    throw usage(`Expected --sampler ${samplers.join('|')}, received ${JSON.stringify(sampler)}.`);
  return StudyPlan.parse({
    kind: 'search',
    space: readSpace(text(values.space)),
    sampler,
    trials: wholeNumber('trials', values.trials, 1, 1000) ?? 20,
    halving: readHalving(text(values.halving)),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31 - 1) ?? 1,
    parallel: wholeNumber('parallel', values.parallel, 1, 64) ?? null,
  });
}

function readSpace(file: string | undefined): SearchSpace {
  if (file === undefined)
    throw usage(`Expected --space FILE (or --resume STUDY). A space is JSON, such as ${example}`);
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    throw usage(`Expected a file that can be read for --space, received ${file}.`);
  }
  let read: unknown;
  try {
    read = JSON.parse(content);
  } catch (error) {
    throw usage(`${file} is no JSON: ${(error as Error).message}. A space is JSON, such as ${example}`);
  }
  const space = SearchSpace.safeParse(read);
  if (space.success) return space.data;
  const lines = space.error.issues.map(({ path, message }) => `${path.join('.') || 'space'}: ${message}`);
  throw usage(`${file} is no search space. ${lines.join('; ')}. A space is JSON, such as ${example}`);
}

function readHalving(given: string | undefined): { reduction: number; minimumEpochs: number } | null {
  if (given === undefined) return null;
  const [, reduction, minimumEpochs] = (/^(\d+):(\d+)$/.exec(given) ?? []).map(Number);
  if (
    reduction === undefined ||
    minimumEpochs === undefined ||
    reduction < 2 ||
    reduction > 10 ||
    minimumEpochs < 1 ||
    minimumEpochs > 1000
  ) {
    throw usage(
      `Expected --halving R:E, a reduction from 2 to 10 and at least 1 epoch, such as 3:1, received ${JSON.stringify(given)}.`,
    );
  }
  return { reduction, minimumEpochs };
}
