/** `atelier findings`: what is probably wrong with the data, as a table, and image by image. */
import { didYouMean } from '#contract/nearest.ts';
import {
  type FindingEntry,
  FindingKind,
  findingKinds,
  type Findings,
  findingWords,
  labelEvidenceWords,
  measuredWords,
} from '#contract/findings.ts';
import type { StudioClient } from '#contract/rpc.ts';
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
      about: 'list the images of one kind, with what was measured of each',
      choices: findingKinds.map((kind) => [kind, findingWords[kind].about] as const),
    },
    run: {
      type: 'string',
      value: 'RUN',
      about:
        'find label errors by what this run said of validation and test images (a head on embeddings if absent)',
    },
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
      if (!found || runId !== null || isOld(found) || more || (audit && !found.audit)) {
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

const isOld = ({ changedSince, newImages }: Findings) => changedSince || newImages > 0;

/** Whether embeddings are there by now that were missing then. */
async function couldFindMore(client: StudioClient, { kinds, embedded }: Findings): Promise<boolean> {
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
  const names = await namesOf(client, kind);
  output.line(missing ? missing.reason : threshold);
  output.lines(
    entries.flatMap((entry) => [
      ...(entry.itemIds.length === 1 && entry.measured !== 'class' ? [] : ['', headOf(entry, className)]),
      ...entry.itemIds.map((itemId) =>
        [
          `  ${itemId}`,
          names.get(itemId) ?? '(removed)',
          ...(tellsEach(entry) ? [measuredWords(entry, className, itemId)] : []),
        ].join('  '),
      ),
    ]),
  );
  output.event('finding', { kind, threshold, missing, entries });
}

/** Whether what was measured is of each image, not of all of the entry together. */
const tellsEach = ({ measured }: FindingEntry) =>
  measured === 'label' || measured === 'cluster' || measured === 'image';
const headOf = (entry: FindingEntry, className: (classId: number) => string): string =>
  entry.measured === 'cluster'
    ? `${entry.itemIds.length} images`
    : `${entry.measured === 'class' ? `${className(entry.classId)}: ` : ''}${measuredWords(entry, className)}`;

async function namesOf(client: StudioClient, finding: FindingKind): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (let offset = 0; ; offset += listedAtOnce) {
    const { items, total } = await client.items.list({ filter: { finding }, offset, limit: listedAtOnce });
    for (const { id, name } of items) names.set(id, name);
    if (offset + listedAtOnce >= total) return names;
  }
}
