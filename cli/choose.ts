/**
 * Which run, study or images a person means. A run or study: the one of that id, or the one of that name. Never the
 * beginning of either, for ids are counted on and run-1 begins run-19.
 */
import { AtelierError } from '#contract/errors.ts';
import { RunId, StudyId } from '#contract/ids.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import type { Run } from '#contract/run.ts';
import type { Study } from '#contract/study.ts';
import { type Item, Split, splitNames } from '#contract/project.ts';
import type { Option } from './command.ts';
import { usage } from './output.ts';

/** Of a command that looks at one run. */
export const runOption: Option = {
  type: 'string',
  value: 'RUN',
  about: 'id or name (the latest finished run if absent)',
};

/** Of a command that looks at one part of the data. */
export const splitOption: Option = {
  type: 'string',
  value: splitNames.join('|'),
  about: 'which part (test if absent)',
};

/** @throws USAGE */
export function chooseSplit(given: unknown): Split {
  const split = Split.safeParse(given ?? 'test').data;
  if (split) return split;
  throw usage(`Expected --split ${splitNames.join('|')}, received ${JSON.stringify(given)}.`);
}

/**
 * The run that a person named by its id, a trial's too, or by a name that one run alone has; the latest finished one
 * where none is named.
 * @throws NOT_FOUND, CONFLICT where several have that name, PROJECT_DAMAGED where the one of that id cannot be read
 */
export async function chooseRun(client: StudioClient, given: string | undefined): Promise<Run> {
  if (given !== undefined) {
    const byId = RunId.safeParse(given).success && client.runs.get({ runId: given });
    return (await found(byId)) ?? oneOfThatName('run', await client.runs.list(), given);
  }
  const finished = (await client.runs.list()).find(({ state }) => state === 'finished');
  if (finished) return finished;
  throw new AtelierError(
    'NOT_FOUND',
    'The project has no finished run yet. Train one: atelier train PROJECT.',
  );
}

/** As `chooseRun`, of studies. */
export async function chooseStudy(client: StudioClient, given: string): Promise<Study> {
  const byId = StudyId.safeParse(given).success && client.studies.get({ studyId: given });
  return (await found(byId)) ?? oneOfThatName('study', await client.studies.list(), given);
}

/** Null where there is none of that id. */
async function found<T>(asked: false | Promise<T>): Promise<T | null> {
  try {
    return (await asked) || null;
  } catch (thrown) {
    const error = fromRpcError(thrown);
    if (error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

const plural = { run: 'runs', study: 'studies' };

function oneOfThatName<T extends Pick<Run, 'id' | 'name' | 'state'>>(
  kind: keyof typeof plural,
  all: readonly T[],
  given: string,
): T {
  const [first, ...others] = all.filter(({ name }) => name === given);
  if (first && others.length === 0) return first;
  if (first) {
    const ids = [first, ...others].map(({ id }) => id);
    throw new AtelierError(
      'CONFLICT',
      `Expected one ${kind}, but ${ids.length} ${plural[kind]} are called ${JSON.stringify(given)}. Name it by its id: ${ids.join(', ')}.`,
      { [kind]: given, ids },
    );
  }
  const known = all.map(({ id, name, state }) => `${id} (${name}, ${state})`).join(', ');
  throw new AtelierError(
    'NOT_FOUND',
    `Expected the whole id or the name of a ${kind}, received ${JSON.stringify(given)}. ${known ? `There are: ${known}.` : `There is no ${kind} yet.`}`,
    { [kind]: given },
  );
}

/** Images by their names within their sources; those of several sources may bear one. @throws NOT_FOUND */
export async function chooseItems(client: StudioClient, names: readonly string[]): Promise<number[]> {
  const itemIds: number[] = [];
  for (const name of names) {
    const { items } = await client.items.list({
      filter: { text: name.slice(0, 200) },
      offset: 0,
      limit: 1000,
    });
    const alike = items.filter((item) => item.name === name);
    if (alike.length === 0)
      throw new AtelierError(
        'NOT_FOUND',
        `Expected the name of an image within its source, such as ${items[0]?.name ?? 'cats/1.jpg'}, received ${JSON.stringify(name)}. Nothing was changed.`,
        { name },
      );
    itemIds.push(...alike.map(({ id }) => id));
  }
  return itemIds;
}

/** More of that name than are looked through are no name to find one by. */
const mostAlike = 1000;

/** The image of that id, or the only one of that name. @throws NOT_FOUND, CONFLICT where several have that name */
export async function chooseItem(client: StudioClient, given: string): Promise<Item> {
  if (/^\d{1,15}$/.test(given)) return client.items.get({ itemId: Number(given) });
  const { items } = await client.items.list({
    filter: { text: given.slice(0, 200) },
    offset: 0,
    limit: mostAlike,
  });
  const [first, ...others] = items.filter(({ name }) => name === given);
  if (!first) {
    throw new AtelierError(
      'NOT_FOUND',
      `Expected the id of an image, or its name within its source such as train/00042, received ${JSON.stringify(given)}, which no image of the project has.`,
      { image: given },
    );
  }
  if (others.length === 0) return first;
  const ids = [first, ...others].map(({ id }) => id);
  throw new AtelierError(
    'CONFLICT',
    `Expected one image, but ${ids.length} are called ${JSON.stringify(given)}. Name it by its id: ${ids.slice(0, 10).join(', ')}.`,
    { image: given, ids },
  );
}
