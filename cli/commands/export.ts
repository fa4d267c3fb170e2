/** `atelier export`: a run as a file that others can use, after it was proved to answer as the studio does. */
import { resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { ExportFormat, exportFormats, exporters } from '#contract/exporters.ts';
import { followJob } from '#contract/follow.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { forceOption, refuseToReplace } from '../files.ts';
import { count, table, usage } from '../output.ts';
import { withProject } from '../session.ts';

export const exportCommand: Command = {
  name: 'export',
  words: 'PROJECT --out FILE',
  about: 'export a run as a file whose predictions elsewhere are those of the studio',
  needsEngine: true,
  options: {
    run: runOption,
    out: { type: 'string', value: 'FILE', about: 'where to' },
    format: {
      type: 'string',
      value: exportFormats.join('|'),
      about: 'what to write; absent, the ending of FILE decides',
      choices: exporters.map(({ key, help }) => [key, help]),
    },
    force: forceOption,
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) => {
    const out = text(values.out);
    if (out === undefined) throw usage('Expected --out FILE: where to write the export.');
    const format = formatOf(text(values.format), out);
    refuseToReplace([resolve(out)], values, '--out');
    const replace = values.force === true ? (true as const) : undefined;
    return withProject(given, async ({ client }) => {
      const { id: runId } = await chooseRun(client, text(values.run));
      await followJob(
        client,
        () => client.exports.start({ runId, format, path: resolve(out), replace }),
        (event) => {
          if (event.event !== 'job.changed' || event.job.kind !== 'export') return;
          output.event('export.progress', { ...event.job.progress });
          output.progress(`Exporting: ${event.job.progress.done} ${event.job.progress.unit}`);
        },
      );
      const exported = await client.exports.get({ runId });
      if (!exported)
        throw new AtelierError('INTERNAL', `The export of ${runId} finished but its file is not there.`);
      const { parity } = exported;
      output.line(`${exported.path} (${count(exported.bytes)} bytes)`);
      output.lines(table(exported.files.map(({ name, bytes }) => [`  ${name}`, count(bytes)])));
      output.line(
        `Proved in ${parity.runtime} on ${count(parity.images)} images: largest difference ${parity.largestDifference.toExponential(1)}, ${parity.labelFlips} label flips${parity.verdictFlips === undefined ? '' : `, ${count(parity.verdictFlips)} other verdicts`}.`,
      );
      output.event('export.finished', { bundle: exported });
    });
  },
};

/** @throws USAGE */
function formatOf(given: string | undefined, out: string): ExportFormat {
  const named = ExportFormat.safeParse(given);
  if (named.success) return named.data;
  if (given !== undefined)
    throw usage(`Expected ${exportFormats.join(' or ')} for --format, received ${given}.`);
  return exporters.find(({ extension }) => out.endsWith(`.${extension}`))?.key ?? exportFormats[0]!;
}
