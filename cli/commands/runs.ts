/** `atelier runs`: the runs of a project, and renaming, annotating and deleting one of them. */
import { testedOtherwise } from '#contract/repair.ts';
import type { Run } from '#contract/run.ts';
import { chooseRun } from '../choose.ts';
import { longestName, longestNote } from '../command.ts';
import { type Subcommand, commandWithSubcommands, tellDamaged } from '../subcommands.ts';
import { percent, table } from '../output.ts';

const subcommands: Record<string, Subcommand<Run>> = {
  rename: {
    words: 'rename RUN NAME',
    takes: 2,
    text: ['NAME', 1, longestName],
    async do(client, { id: runId, name: before }, name, output) {
      const run = await client.runs.rename({ runId, name });
      output.line(`${runId} is called ${run.name} now, no longer ${before}.`);
      output.event('run.renamed', { run: runId, name: run.name });
    },
  },
  note: {
    words: 'note RUN TEXT',
    takes: 2,
    text: ['TEXT', 0, longestNote],
    async do(client, { id: runId }, note, output) {
      await client.runs.setNote({ runId, note });
      output.line(note === '' ? `${runId} has no note now.` : `Noted with ${runId}.`);
      output.event('run.noted', { run: runId, note });
    },
  },
  delete: {
    words: 'delete RUN',
    takes: 1,
    async do(client, { id: runId, name }, _, output) {
      await client.runs.delete({ runId });
      output.line(`Deleted ${runId} (${name}).`);
      output.event('run.deleted', { run: runId, name });
    },
    async toDamaged(client, runId, output) {
      await client.runs.delete({ runId });
      output.line(`Deleted ${runId}, which could not be read.`);
      output.event('run.deleted', { run: runId, name: null });
    },
  },
};

export const runsCommand = commandWithSubcommands({
  name: 'runs',
  about: 'list the runs, or rename, annotate or delete one',
  noun: 'RUN',
  subcommands,
  choose: chooseRun,
  async list(client, output) {
    const [runs, damaged] = await Promise.all([client.runs.list(), client.runs.damaged()]);
    output.lines(describe(runs));
    const otherwise = testedOtherwise(runs);
    if (otherwise)
      output.line(
        `Test accuracies are not all comparable: ${otherwise.others.map(({ id }) => id).join(', ')} ${otherwise.others.length === 1 ? 'was' : 'were'} evaluated on other test images or labels than ${otherwise.last.id}, the last. Evaluate again, or compare with --classes, which scores on the present labels.`,
      );
    tellDamaged(damaged, output);
    output.event('runs', { runs: runs.map(inShort), damaged });
  },
});

/** Without epochs, which make lines long; `compare` and the curves of `logs` tell them. */
function inShort({ epochs, ...run }: Run) {
  return { ...run, epochs: epochs.length };
}

function describe(runs: readonly Run[]): string[] {
  if (runs.length === 0) return ['There is no run yet. Train one: atelier train PROJECT.'];
  const share = (value: number | null) => (value === null ? '–' : percent(value));
  const rows = runs.map((run) => [
    `${run.id}  ${run.name}`,
    run.state,
    `${run.epochs.length}/${run.recipe.training.epochs}`,
    share(run.validationAccuracy),
    share(run.testAccuracy),
    run.createdAt.slice(0, 16).replace('T', ' '),
  ]);
  const lines = table([['run', 'state', 'epochs', 'val. acc.', 'test acc.', 'begun (UTC)'], ...rows]);
  return lines.flatMap((line, index) => {
    const run = runs[index - 1];
    const beside = [
      ...(run?.origin
        ? [`${run.origin.how === 'continue' ? 'continues' : 'fine-tunes'} ${run.origin.runId}`]
        : []),
      ...(run && run.note !== '' ? run.note.split('\n') : []),
    ];
    return [line, ...beside.map((text) => `    ${text}`)];
  });
}
