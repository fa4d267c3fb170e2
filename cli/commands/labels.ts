/** `atelier labels`: how far labelling has come; the labels out as CSV, and in again; undo and redo. */
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { type LabelsReport, newTestWords } from '#contract/labels.ts';
import type { Project } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { labelEdits } from '#engine/intake/table/label-columns.ts';
import { parseTable } from '#engine/intake/table/text.ts';
import { labelColumns, labelsAsCsv } from '#engine/project/label-csv.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { type Command, text, type Values } from '../command.ts';
import { forceOption, refuseToReplace } from '../files.ts';
import { count, type Output, usage } from '../output.ts';
import { withProject } from '../session.ts';

const faultsShown = 20;

export const labelsCommand: Command = {
  name: 'labels',
  words: 'PROJECT',
  about: 'say how many images are labelled; labels out as CSV and in again; what was done last taken back',
  needsEngine: false,
  options: {
    out: { type: 'string', value: 'FILE', about: `write a table: ${labelColumns.join(', ')}` },
    force: forceOption,
    in: {
      type: 'string',
      value: 'FILE',
      about:
        'take over a table: path or hash, and label, split, excluded, hard, note as far as it has them; an empty label takes the label away. Rows that cannot be taken are named',
    },
    'dry-run': { type: 'boolean', about: 'with --in: say what it would come to, and stop' },
    'accept-new-test': {
      type: 'boolean',
      about:
        'with --in: say yes to images that go into or out of a test part that runs were evaluated on: figures are then not comparable',
    },
    undo: { type: 'boolean', about: 'take back what was changed last' },
    redo: { type: 'boolean', about: 'do again what was taken back last' },
  },
  least: 1,
  most: 1,
  async run({ words: [given = ''], values, output }) {
    const asked = ['out', 'in', 'undo', 'redo'].filter((name) => values[name] !== undefined);
    if (asked.length > 1)
      throw usage(`Expected one of --out, --in, --undo and --redo, received ${asked.length}.`);
    for (const name of ['dry-run', 'accept-new-test'])
      if (values[name] && !values.in) throw usage(`Expected --in FILE beside --${name}.`);
    return withProject(given, async ({ client, project }) => {
      const out = text(values.out);
      const from = text(values.in);
      if (out !== undefined) return write(client, out, values, output);
      if (from !== undefined) return takeOver(client, from, values, output);
      if (values.undo === true || values.redo === true) return step(client, project, values, output);
      return tell(project, output);
    });
  },
};

function tell({ counts }: Project, output: Output): void {
  output.line(
    `${count(counts.total - counts.unlabelled)} of ${count(counts.total)} images are labelled, ${count(counts.unlabelled)} are not.`,
  );
  if (counts.excluded > 0) output.line(`${count(counts.excluded)} are excluded.`);
  output.event('labels', { ...counts, labelled: counts.total - counts.unlabelled });
}

/** @throws CONFLICT where the file is there, FILE_NOT_WRITABLE, DISK_FULL */
async function write(client: StudioClient, given: string, values: Values, output: Output): Promise<void> {
  const path = resolve(given);
  refuseToReplace([path], values, '--out');
  const { text: table, rows } = await labelsAsCsv(
    (after, limit) => client.labels.list({ after, limit }),
    (rows) => output.progress(`${count(rows)} rows`),
  );
  await writeDurably(path, Buffer.from(table));
  output.line(`Wrote ${count(rows)} rows to ${given}.`);
  output.event('labels.written', { path, rows });
}

/** @returns 1 where a row could not be taken over. @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, CONFLICT for a used test part */
async function takeOver(
  client: StudioClient,
  given: string,
  values: Values,
  output: Output,
): Promise<number> {
  const dryRun = values['dry-run'] === true;
  const path = resolve(given);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new AtelierError(
      'SOURCE_NOT_FOUND',
      `Expected a table that can be read, received ${given} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}).`,
      { path },
      { cause },
    );
  });
  const { edits, faults, unused } = labelEdits(parseTable(bytes, basename(path)), basename(path));
  if (unused.length > 0) output.note(`Note: columns that are not used: ${unused.join(', ')}.`);
  const told = await client.labels.apply({
    rows: edits,
    ...(dryRun && { dryRun }),
    ...(values['accept-new-test'] === true && { acceptNewTest: true as const }),
  });
  const report: LabelsReport = {
    ...told,
    rows: told.rows + faults.length,
    faults: [...told.faults, ...faults].sort((a, b) => a.row - b.row),
  };
  output.lines(reportLines(report, dryRun));
  if (dryRun && report.newTest)
    output.note(`Note: ${newTestWords(report.newTest)} It takes --accept-new-test.`);
  output.event(dryRun ? 'labels.planned' : 'labels.taken', { path, ...report });
  return report.faults.length > 0 ? 1 : 0;
}

/** As a person reads it. */
function reportLines(report: LabelsReport, dryRun: boolean): string[] {
  const { faults, newClasses } = report;
  const figures = [
    [report.labelled, 'labelled'],
    [report.unlabelled, 'unlabelled'],
    [report.moved, 'moved to another part'],
    [report.excluded, 'excluded'],
    [report.included, 'included again'],
    [report.hard, 'with another mark as hard'],
    [report.noted, 'with another note'],
    [report.unchanged, 'unchanged'],
  ] as const;
  const told = figures.filter(([images]) => images > 0).map(([images, what]) => `${count(images)} ${what}`);
  const more = faults.length - faultsShown;
  return [
    `${dryRun ? 'It would come to this, of' : 'Of'} ${count(report.rows)} rows: ${told.join(', ') || 'nothing'}.`,
    ...(newClasses.length > 0 ? [`New classes: ${newClasses.join(', ')}.`] : []),
    ...(faults.length > 0 ? [`${count(faults.length)} could not be taken over:`] : []),
    ...faults.slice(0, faultsShown).map(({ row, path, reason }) => `  row ${row} (${path}): ${reason}`),
    ...(more > 0 ? [`  … and ${count(more)} more`] : []),
  ];
}

async function step(client: StudioClient, project: Project, values: Values, output: Output): Promise<void> {
  const undo = values.undo === true;
  const what = undo ? project.undo : project.redo;
  const { counts } = await (undo ? client.journal.undo() : client.journal.redo());
  output.line(`${undo ? 'Taken back' : 'Done again'}: ${what ?? ''}`);
  output.event(undo ? 'undone' : 'redone', { change: what, counts });
}
