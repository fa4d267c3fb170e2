/** `atelier classes`: the classes of a project with their counts; adding, renaming, merging, deleting, splitting, recolouring one. */
import { didYouMean } from '#contract/nearest.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Class, Project } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { chooseItems } from '../choose.ts';
import { type Command } from '../command.ts';
import { count, type Output, table, usage } from '../output.ts';
import { withProject } from '../session.ts';

const subcommands: Record<string, [least: number, most: number]> = {
  add: [1, 1],
  rename: [2, 2],
  merge: [2, 2],
  delete: [1, 1],
  recolour: [2, 2],
  split: [2, Infinity],
};

export const classesCommand: Command = {
  name: 'classes',
  words:
    'PROJECT [add NAME | rename CLASS NAME | merge CLASS INTO | delete CLASS | recolour CLASS #RRGGBB | split NAME IMAGE…]',
  about:
    'list the classes; change one, which `labels PROJECT --undo` takes back. Images of a deleted class become unlabelled',
  needsEngine: false,
  options: {},
  least: 1,
  most: 100_000,
  run({ words: [given = '', name, ...words], output }) {
    if (name !== undefined) requireSubcommand(name, words.length);
    return withProject(given, async ({ client, project }) => {
      if (name !== undefined) await change(client, project, name, words);
      tell((await client.project.current())!, output);
    });
  },
};

/** @throws USAGE */
function requireSubcommand(name: string, words: number): void {
  const [least, most] = subcommands[name] ?? [Infinity, 0];
  if (words >= least && words <= most) return;
  throw usage(
    `Expected: atelier classes ${classesCommand.words}.${didYouMean(name, Object.keys(subcommands))} See: atelier help classes.`,
  );
}

async function change(
  client: StudioClient,
  { classes }: Project,
  name: string,
  words: readonly string[],
): Promise<void> {
  const [first = '', second = ''] = words;
  switch (name) {
    case 'add':
      await client.classes.add({ name: first });
      break;
    case 'rename':
      await client.classes.rename({ classId: chosen(classes, first).id, name: second });
      break;
    case 'merge':
      await client.classes.delete({ classId: chosen(classes, first).id, into: chosen(classes, second).id });
      break;
    case 'delete':
      await client.classes.delete({ classId: chosen(classes, first).id });
      break;
    case 'recolour':
      await client.classes.recolour({ classId: chosen(classes, first).id, colour: second.toLowerCase() });
      break;
    case 'split':
      await client.classes.split({ itemIds: await chooseItems(client, words.slice(1)), name: first });
      break;
  }
}

/** @throws NOT_FOUND */
function chosen(classes: readonly Class[], given: string): Class {
  const found = classes.find(({ name }) => name === given);
  if (found) return found;
  const names = classes.map(({ name }) => name);
  throw new AtelierError(
    'NOT_FOUND',
    `Expected the name of a class of this project, received ${JSON.stringify(given)}.${didYouMean(given, names, JSON.stringify)} Nothing was changed.`,
    { name: given },
  );
}

function tell({ classes, counts }: Project, output: Output): void {
  const none = count(0);
  const rows = classes.map(({ name, key, colour, counts: of }) => [
    name,
    key ?? '',
    colour,
    ...[of.train, of.validation, of.test, of.total].map(count),
  ]);
  const unlabelled =
    counts.unlabelled > 0 ? [['(unlabelled)', '', '', none, none, none, count(counts.unlabelled)]] : [];
  if (rows.length + unlabelled.length === 0) output.line('There is no class and no image yet.');
  else
    output.lines(
      table([['class', 'key', 'colour', 'train', 'validation', 'test', 'all'], ...unlabelled, ...rows]),
    );
  if (counts.excluded > 0) output.line(`${count(counts.excluded)} images are excluded and in no part.`);
  output.event('classes', { classes, counts });
}
