/** `atelier findings`: what is probably wrong with the data, as a table, and image by image. */
import { remedyOf } from '#contract/finding-recipe.ts';
import {
  imageWords,
  labelEvidenceCaution,
  labelEvidenceWords,
  measuredWords,
  outdatedWords,
} from '#contract/finding-words.ts';
import { didYouMean } from '#contract/nearest.ts';
import {
  type FindingEntry,
  FindingKind,
  findingKinds,
  type Findings,
  findingWords,
} from '#contract/findings.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { setOptions } from '#recipe/path.ts';
import { chooseRun } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { followOneJob } from '../interruptible.ts';
import { count, type Output, table, usage } from '../output.ts';
import { withProject } from '../session.ts';

/** Images that the contract answers with at once. */
const listedAtOnce = 1000;

export const findingsCommand: Command = {
  name: 'findings',
  words: 'PROJECT',
  about:
    'look for what is probably wrong with the data; what was found is kept and shown again until something changes',
  needsEngine: true,
  options: {
    kind: {
      type: 'string',
      value: 'KIND',
      about:
        'list the images of one kind, with what was measured of each, and what --set of a training does about it',
      choices: findingKinds.map((kind) => [kind, findingWords[kind].about] as const),
    },
    run: {
      type: 'string',
      value: 'RUN',
      about:
        'find label errors by what this run said of validation and test images (a head on embeddings if absent)',
    },
    again: { type: 'boolean', about: 'look for all of them again, even where nothing changed' },
    audit: {
      type: 'boolean',
      about:
        'also plant known label flips and near copies, in memory only, and say how many of them are found',
    },
  },
  least: 1,
  most: 1,
  run({ words: [given = ''], values, output, signal }) {
    const kind = kindOf(text(values.kind));
    return withProject(given, async ({ client, project: { classes } }) => {
      const named = text(values.run);
      const runId = named === undefined ? null : (await chooseRun(client, named)).id;
      const audit = values.audit === true;
      let found = await client.findings.get();
      const more = found !== null && (await couldFindMore(client, found));
      if (
        !found ||
        values.again === true ||
        runId !== null ||
        isOld(found) ||
        more ||
        (audit && !found.audit)
      ) {
        await followOneJob(
          client,
          {
            begin: () =>
              client.findings.start({ ...(runId === null ? {} : { runId }), ...(audit && { audit }) }),
            doing: 'Looking at',
            progress: 'findings.progress',
            stopsAfter: 'what is being looked at',
            stopped: 'Stopped. Findings of before stay as they were.',
          },
          output,
          signal,
        );
        found = (await client.findings.get())!;
      }
      const names = new Map(classes.map(({ id, name }) => [id, name]));
      const className = (id: number) => names.get(id) ?? `class ${id}`;
      if (kind === null) tell(found, output);
      else await list(client, kind, found, className, output);
    });
  },
};

/** @throws USAGE */
function kindOf(given: string | undefined): FindingKind | null {
  if (given === undefined) return null;
  const known = FindingKind.safeParse(given).data;
  if (known) return known;
  throw usage(
    `Expected --kind to be one of ${findingKinds.join(', ')}, received ${JSON.stringify(given)}.${didYouMean(given, findingKinds)}`,
  );
}

const isOld = (found: Findings) => outdatedWords(found).length > 0;

/** Whether embeddings are there by now that were missing then, or an earlier version found less. */
async function couldFindMore(client: StudioClient, { kinds, embedded }: Findings): Promise<boolean> {
  if (kinds.some(({ missing }) => missing?.needs === 'look')) return true;
  if (embedded !== null && !kinds.some(({ missing }) => missing?.needs === 'embeddings')) return false;
  return (await client.embeddings.get()).done > (embedded ?? 0);
}

function tell(found: Findings, output: Output): void {
  const { kinds, images, unreadable, labelEvidence, audit } = found;
  output.lines(
    table([
      ['finding', 'entries', 'left', ''],
      ...kinds.map(({ kind, entries, left, missing }) => [
        kind,
        missing ? '–' : count(entries),
        missing ? '–' : count(left),
        missing ? 'not looked for' : '',
      ]),
    ]),
  );
  output.line();
  output.line(
    `${count(images)} images were looked at${unreadable === 0 ? '' : `; ${count(unreadable)} could not be read: re-scan the source to see why`}.`,
  );
  if (labelEvidence) output.line(`Label errors are by ${labelEvidenceWords(labelEvidence)}.`);
  const caution = labelEvidence && labelEvidenceCaution(labelEvidence);
  if (caution) output.line(`${caution} Compute them with: atelier embed PROJECT --by NAME.`);
  for (const reason of new Set(kinds.flatMap(({ missing }) => missing?.reason ?? [])))
    output.line(`Not looked for: ${kindsFor(found, reason).join(', ')}. ${reason}`);
  if (kinds.some(({ missing }) => missing?.needs === 'embeddings'))
    output.line('Compute embeddings with: atelier embed PROJECT.');
  if (audit) for (const line of auditWords(audit)) output.line(line);
  output.line('List one kind with: atelier findings PROJECT --kind KIND.');
  output.event('findings', { findings: found });
}

const kindsFor = ({ kinds }: Findings, reason: string) =>
  kinds.filter(({ missing }) => missing?.reason === reason).map(({ kind }) => kind);

function auditWords({ flips, copies }: NonNullable<Findings['audit']>): string[] {
  return [
    flips
      ? `Audit: ${flips.found} of ${flips.planted} planted label flips are among ${count(flips.suspects)} suspects.`
      : 'Audit: no label flips were planted, since label errors cannot be looked for.',
    ...(copies
      ? [`Audit: ${copies.found} of ${copies.planted} planted near copies are in a cluster with their image.`]
      : []),
  ];
}

async function list(
  client: StudioClient,
  kind: FindingKind,
  found: Findings,
  className: (classId: number) => string,
  output: Output,
): Promise<void> {
  const { threshold, missing } = found.kinds.find((each) => each.kind === kind)!;
  const entries = await client.findings.entries({ kind });
  const names = await namesOf(client, kind, entries);
  const nameOf = (itemId: number) => names.get(itemId) ?? '(removed)';
  output.line(missing ? missing.reason : threshold);
  output.lines(
    entries.flatMap((entry) => [
      ...(entry.measured === 'label' || entry.measured === 'image' ? [] : ['', headOf(entry, className)]),
      ...remedyLines(entry),
      ...entry.itemIds.map((itemId) => {
        const words = imageWords(entry, itemId, className, nameOf);
        return [`  ${itemId}`, nameOf(itemId), ...(words === null ? [] : [words])].join('  ');
      }),
    ]),
  );
  output.event('finding', {
    ...{ kind, threshold, missing },
    entries: entries.map((entry) => {
      const remedy = remedyOf(entry);
      return remedy ? { ...entry, recipe: remedy.fields } : entry;
    }),
  });
}

const headOf = (entry: FindingEntry, className: (classId: number) => string): string =>
  entry.measured === 'cluster' ? `${entry.itemIds.length} images` : measuredWords(entry, className);

/** What the recipe of a training does about it. */
function remedyLines(entry: FindingEntry): string[] {
  const remedy = remedyOf(entry);
  if (!remedy) return [];
  if (!remedy.fields) return [remedy.about];
  return [`${remedy.label}: atelier train PROJECT ${setOptions(remedy.fields)}`, remedy.about];
}

/** Of the images of a finding, and of those that they are compared with. */
async function namesOf(
  client: StudioClient,
  finding: FindingKind,
  entries: readonly FindingEntry[],
): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (let offset = 0; ; offset += listedAtOnce) {
    const { items, total } = await client.items.list({ filter: { finding }, offset, limit: listedAtOnce });
    for (const { id, name } of items) names.set(id, name);
    if (offset + listedAtOnce >= total) break;
  }
  for (const entry of entries)
    for (const { like } of entry.measured === 'augmentation' ? entry.each : [])
      if (!names.has(like)) {
        const item = await client.items.get({ itemId: like }).catch(() => null);
        if (item) names.set(like, item.name);
      }
  return names;
}
