/**
 * `atelier sources`: the sources of a project; re-scanning, relinking and removing one. What would change is printed first;
 * with --apply it counts. Nothing on disk is ever deleted.
 */
import { didYouMean } from '#contract/nearest.ts';
import { resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import type { Source } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import {
  changeKinds,
  isUnchanged,
  type SourceChanges,
  type Take,
  takeable,
  usualTake,
} from '#contract/sources.ts';
import { chooseItems } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count, jobProgress, type Output, table, usage } from '../output.ts';
import { withProject } from '../session.ts';

type Subcommand =
  | { kind: 'list' }
  | { kind: 'rescan'; source: string }
  | { kind: 'relink'; source: string; folder: string }
  | { kind: 'remove'; source: string }
  | { kind: 'remove-images'; names: string[] };

const subcommandNames = ['rescan', 'relink', 'remove', 'remove-images'];

export const sourcesCommand: Command = {
  name: 'sources',
  words: 'PROJECT [rescan N | relink N FOLDER | remove N | remove-images NAME…]',
  about: 'list the sources; say what became of the files of one, and with --apply take it over',
  needsEngine: false,
  options: {
    apply: { type: 'boolean', about: 'make it count; without it, only what would change is printed' },
    take: {
      type: 'string',
      value: 'KINDS',
      about: `which changes, by commas, of ${takeable.join(', ')} (${usualTake.join(',')} if absent)`,
    },
  },
  least: 1,
  most: 1000,
  run({ words: [given = '', ...rest], values, output }) {
    const subcommand = subcommandOf(rest);
    const take = takeOf(text(values.take));
    const apply = values.apply === true;
    return withProject(given, async ({ client, project: { sources } }) => {
      switch (subcommand.kind) {
        case 'list':
          return tellSources(sources, output);
        case 'rescan':
        case 'relink':
          return takeOver(client, chosen(sources, subcommand.source), subcommand, { apply, take, output });
        case 'remove':
          return remove(client, chosen(sources, subcommand.source), apply, output);
        case 'remove-images':
          return removeImages(client, subcommand.names, apply, output);
      }
    });
  },
};

/** @throws USAGE */
function subcommandOf([name, ...words]: readonly string[]): Subcommand {
  const [source = '', folder = ''] = words;
  if (name === undefined) return { kind: 'list' };
  if (name === 'rescan' && words.length === 1) return { kind: name, source };
  if (name === 'relink' && words.length === 2) return { kind: name, source, folder: resolve(folder) };
  if (name === 'remove' && words.length === 1) return { kind: name, source };
  if (name === 'remove-images' && words.length > 0) return { kind: name, names: words };
  throw usage(
    `Expected: atelier sources ${sourcesCommand.words}.${didYouMean(name, subcommandNames)} See: atelier help sources.`,
  );
}

/** @throws USAGE */
function takeOf(given: string | undefined): Take {
  if (given === undefined) return usualTake;
  const kinds = given.split(',').map((kind) => kind.trim());
  const known = takeable.filter((kind) => kinds.includes(kind));
  if (known.length > 0 && kinds.every((kind) => known.some((one) => one === kind))) return known;
  throw usage(`Expected --take ${takeable.join(',')} or some of them, received ${JSON.stringify(given)}.`);
}

/** @throws NOT_FOUND naming those that there are */
function chosen(sources: readonly Source[], given: string): Source {
  const found = sources.find(({ id }) => String(id) === given);
  if (found) return found;
  throw new AtelierError(
    'NOT_FOUND',
    `Expected the number of a source (${sources.map(({ id }) => id).join(', ') || 'there is none'}), received ${JSON.stringify(given)}. List them: atelier sources PROJECT.`,
    { source: given },
  );
}

function tellSources(sources: readonly Source[], output: Output): void {
  if (sources.length === 0) output.line('There is no source yet. Import one: atelier import PROJECT SOURCE.');
  else {
    const rows = sources.map(({ id, originals, items, skippedFiles, importedAt, location }) => [
      String(id),
      count(items),
      count(skippedFiles),
      originals ? 'files' : 'pixels',
      importedAt.slice(0, 10),
      location,
    ]);
    output.lines(table([['source', 'images', 'skipped', 'stored as', 'imported', 'location'], ...rows]));
  }
  output.event('sources', { sources });
}

interface Terms {
  apply: boolean;
  take: Take;
  output: Output;
}

async function takeOver(
  client: StudioClient,
  { id: sourceId }: Source,
  subcommand: Extract<Subcommand, { kind: 'rescan' | 'relink' }>,
  { apply, take, output }: Terms,
): Promise<void> {
  const job = await followJob(
    client,
    () =>
      subcommand.kind === 'rescan'
        ? client.sources.rescan({ sourceId })
        : client.sources.relink({ sourceId, path: subcommand.folder }),
    jobProgress(output, ({ kind }) => kind === 'rescan', 'Re-scanning'),
  );
  const found = await client.sources.changes({ jobId: job.id });
  tellChanges(found, output);
  output.event('sources.changes', { ...found });
  if (isUnchanged(found)) return;
  if (!apply) {
    output.line(`Nothing was changed. To take over ${take.join(', ')}, add --apply.`);
    return;
  }
  const { id } = await followJob(
    client,
    () => client.sources.update({ jobId: job.id, take }),
    jobProgress(output, ({ kind }) => kind === 'update', 'Updating'),
  );
  const updated = await client.sources.updated({ jobId: id });
  const parts = changeKinds
    .filter((kind) => updated[kind] > 0)
    .map((kind) => `${count(updated[kind])} ${kind}`);
  if (updated.labels > 0) parts.push(`${count(updated.labels)} labelled anew`);
  if (found.relink) parts.push(`relinked to ${found.folder}`);
  output.line(`Taken over: ${parts.join(', ')}. Undo in the window takes all of it back.`);
  for (const { path, reason } of updated.skippedFiles.slice(0, 20)) output.line(`Skipped ${path}: ${reason}`);
  output.event('sources.updated', { ...updated });
}

const kindWords = {
  added: 'new files',
  changed: 'other content than when imported',
  moved: 'the same content under another name',
  gone: 'no image there any more',
  returned: 'removed from the project, and still there or there again',
} as const;

function tellChanges(found: SourceChanges, output: Output): void {
  output.line(`Source ${found.sourceId} in ${found.folder}: ${count(found.same)} images as imported.`);
  for (const kind of changeKinds) {
    const { count: files, examples } = found[kind];
    if (files === 0) continue;
    output.line(`${kind.padEnd(9)}${count(files)}  (${kindWords[kind]})`);
    for (const { name, to } of examples.slice(0, 10)) output.line(`    ${name}${to ? ` -> ${to}` : ''}`);
    if (files > Math.min(10, examples.length))
      output.line(`    … and ${count(files - Math.min(10, examples.length))} more`);
  }
  if (found.otherClass > 0) {
    output.line(
      `${count(found.otherClass)} of the moved lie in the folder of another class; labels stay unless --take has labels.`,
    );
  }
  for (const { reason, count: files, examples } of found.skipped)
    output.line(`Skipped ${count(files)}: ${reason} (${examples[0] ?? ''}${files > 1 ? ' …' : ''})`);
  if (isUnchanged(found)) output.line('Nothing has changed.');
}

async function remove(
  client: StudioClient,
  { id: sourceId, items, location }: Source,
  apply: boolean,
  output: Output,
): Promise<void> {
  if (apply) await client.sources.remove({ sourceId });
  output.line(
    apply
      ? `Removed source ${sourceId} with its ${count(items)} images. The files in ${location} stay; undo brings the images back.`
      : `Source ${sourceId} (${location}) has ${count(items)} images. Nothing was changed. To remove them from the project, add --apply; the files stay.`,
  );
  output.event(apply ? 'sources.removed' : 'sources.removable', {
    source: sourceId,
    images: items,
    location,
  });
}

async function removeImages(
  client: StudioClient,
  names: readonly string[],
  apply: boolean,
  output: Output,
): Promise<void> {
  const itemIds = await chooseItems(client, names);
  if (apply) await client.items.remove({ itemIds });
  output.line(
    apply
      ? `Removed ${count(itemIds.length)} images. Their files stay; undo brings the images back.`
      : `${count(itemIds.length)} images bear these names. Nothing was changed. To remove them from the project, add --apply; the files stay.`,
  );
  output.event(apply ? 'images.removed' : 'images.removable', { itemIds });
}
