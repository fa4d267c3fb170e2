/** `atelier images`: the images that a query asks for, saved views of them, and sample sheets. The query is that of the window. */
import { didYouMean } from '#contract/nearest.ts';
import { resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { imageFactKeys } from '#contract/image-facts.ts';
import { noConditions, readQuery, writeQuery } from '#contract/item-query.ts';
import {
  isComputed,
  type ItemFilter,
  itemOrders,
  measuredOrders,
  type Project,
  type SortedBy,
} from '#contract/project.ts';
import { resources } from '#contract/resources.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { greatestSeed, mostPerClass } from '#contract/sample-sheet.ts';
import type { SavedView } from '#contract/saved-views.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { type Command, type Interruption, text, type Values, wholeNumber } from '../command.ts';
import { forceOption, refuseToReplace } from '../files.ts';
import { followOneJob } from '../interruptible.ts';
import { count, type Output, table, usage } from '../output.ts';
import { type Session, withProject } from '../session.ts';

const listedIfUnsaid = 20;
/** Images that the contract answers with at once. */
const listedAtOnce = 1000;

export const imagesCommand: Command = {
  name: 'images',
  words: 'PROJECT [QUERY…]',
  about: `list images, as the query line of the window has it: words of the name, class:NAME, part:test, unlabelled, excluded, relabelled, hard, noted, note:WORD, width>=200, and sort:ORDER or sort:-ORDER (${itemOrders.join(', ')}); what stands in quotation marks is searched for in names; saved views of them, and sample sheets`,
  needsEngine: false,
  options: {
    view: {
      type: 'string',
      value: 'NAME',
      about: 'what a saved view asks for; the query comes on top of it',
    },
    limit: {
      type: 'string',
      value: 'N',
      about: `images that are listed at most (${listedIfUnsaid} if absent; 0 for all)`,
    },
    sheet: {
      type: 'string',
      value: 'FILE.png',
      about: 'write a sample sheet: some of each class, a row a class; with sort: the first ones of each',
    },
    'per-class': { type: 'string', value: 'N', about: `with --sheet: images of each class (12 if absent)` },
    seed: { type: 'string', value: 'N', about: 'with --sheet: another number draws other images' },
    force: forceOption,
    save: { type: 'string', value: 'NAME', about: 'save what was asked for as a view of this name' },
    views: { type: 'boolean', about: 'list the saved views' },
    'delete-view': { type: 'string', value: 'NAME', about: 'delete a saved view' },
  },
  least: 1,
  most: Infinity,
  run({ words: [given = '', ...query], values, output, signal }) {
    const limit = wholeNumber('limit', values.limit, 0, 2 ** 31 - 1) ?? listedIfUnsaid;
    return withProject(given, async ({ studio, client, project }) => {
      const deleted = text(values['delete-view']);
      if (deleted !== undefined)
        return tellViews(await client.views.delete({ name: deleted }), project, output);
      if (values.views === true) return tellViews(await client.views.list(), project, output);
      const filter = await filterOf(client, project, text(values.view), query.join(' '));
      await knowFacts(client, filter, output, signal);
      const name = text(values.save);
      if (name !== undefined) {
        await client.views.save({ name, filter });
        output.line(`Saved the view ${name}: ${wordsOf(filter, project)}.`);
      }
      const sheet = text(values.sheet);
      if (sheet !== undefined) return writeSheet(studio, sheet, filter, values, output);
      return list(client, project, filter, limit === 0 ? Infinity : limit, output);
    });
  },
};

const wordsOf = (filter: ItemFilter, { classes }: Project) => writeQuery(filter, classes) || 'all images';

/** @throws USAGE where the query says a condition that there is none of, NOT_FOUND where there is no such view */
async function filterOf(
  client: StudioClient,
  { classes }: Project,
  view: string | undefined,
  query: string,
): Promise<ItemFilter> {
  const said = readQuery(query, classes);
  if (view === undefined) return said;
  const views = await client.views.list();
  const found = views.find(({ name }) => name === view);
  if (!found)
    throw new AtelierError(
      'NOT_FOUND',
      `Expected a saved view, received ${JSON.stringify(view)}.${didYouMean(
        view,
        views.map(({ name }) => name),
      )} List them with --views.`,
      { view },
    );
  return { ...noConditions, ...found.filter, ...said };
}

/** Computes facts where the query takes some and an image has none yet. */
async function knowFacts(
  client: StudioClient,
  filter: ItemFilter,
  output: Output,
  signal: Interruption,
): Promise<void> {
  if (!filter.facts && !imageFactKeys.some((key) => key === filter.sort?.by)) return;
  if ((await client.facts.get()).missing === 0) return;
  await followOneJob(
    client,
    {
      begin: () => client.facts.start(),
      doing: 'Looking at',
      progress: 'facts.progress',
      stopsAfter: 'the image that is being looked at',
      stopped: 'Stopped. What was known before stays.',
    },
    output,
    signal,
  );
}

async function list(
  client: StudioClient,
  project: Project,
  filter: ItemFilter,
  limit: number,
  output: Output,
): Promise<void> {
  const nameOf = new Map(project.classes.map(({ id, name }) => [id, name]));
  const rows = [['id', 'name', 'class', 'part', 'size', 'note']];
  let total = 0;
  let sortedBy: SortedBy | undefined;
  for (let offset = 0; offset < limit; offset += listedAtOnce) {
    const page = await client.items.list({ filter, offset, limit: Math.min(listedAtOnce, limit - offset) });
    ({ total, sortedBy } = page);
    for (const item of page.items) {
      const label = item.classId === null ? '' : (nameOf.get(item.classId) ?? '');
      const part = item.excluded === null ? (item.split ?? '') : 'excluded';
      const note = item.note.replace(/\s+/g, ' ').slice(0, 40);
      rows.push([String(item.id), item.name, label, part, `${item.width}×${item.height}`, note]);
      output.event('image', { ...item, class: label });
    }
    if (offset + listedAtOnce >= total) break;
  }
  const listed = rows.length - 1;
  if (listed > 0) output.lines(table(rows));
  output.line(
    listed < total
      ? `${count(listed)} of ${count(total)} images: ${wordsOf(filter, project)}. List more with --limit.`
      : `${count(total)} images: ${wordsOf(filter, project)}.`,
  );
  if (sortedBy) output.line(sortedByWords(sortedBy));
  output.event('images', {
    ...{ total, listed, query: writeQuery(filter, project.classes) },
    ...(sortedBy && { sortedBy }),
  });
}

const sortedByWords = ({ name, runId, splits, images }: SortedBy) =>
  `Sorted by what ${name} (${runId}) said, the run that was evaluated last: on ${splits.join(' and ')}, ${count(images)} images. All others come last.`;

/** @throws USAGE, CONFLICT where the file is there, NOT_ENOUGH_DATA where nothing is listed */
async function writeSheet(
  studio: Session['studio'],
  given: string,
  filter: ItemFilter,
  values: Values,
  output: Output,
): Promise<void> {
  const path = resolve(given);
  if (!/\.png$/i.test(path)) throw usage(`Expected --sheet FILE.png, received ${JSON.stringify(given)}.`);
  if (isComputed(filter))
    throw usage(
      `A sample sheet cannot be drawn in the order of ${filter.sort?.by ?? 'what was computed'}. Expected another: ${itemOrders.filter((order) => !measuredOrders.some((one) => one === order)).join(', ')}.`,
    );
  refuseToReplace([path], values, '--sheet');
  const options = {
    perClass: wholeNumber('per-class', values['per-class'], 1, mostPerClass),
    seed: wholeNumber('seed', values.seed, 0, greatestSeed),
  };
  const address = resources.sampleSheet({ filter, ...options });
  const { body } = await studio.resources({ method: 'GET', path: address, headers: {}, body: null });
  await writeDurably(path, body);
  output.line(`${path} (${count(body.length)} bytes)`);
  output.event('sample-sheet.written', { path, bytes: body.length });
}

function tellViews(views: readonly SavedView[], project: Project, output: Output): void {
  if (views.length === 0)
    output.line('There are no saved views. Save one with: images PROJECT QUERY --save NAME.');
  else
    output.lines(
      table([['view', 'query'], ...views.map(({ name, filter }) => [name, wordsOf(filter, project)])]),
    );
  output.event('views', { views });
}
