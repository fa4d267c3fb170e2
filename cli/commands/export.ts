/** `atelier export`: a run as a bundle that others can use, after it was proved to answer as the studio does. */
import { resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { forceOption, refuseToReplace } from '../files.ts';
import { count, table, usage } from '../output.ts';
import { openProject, withStudio } from '../session.ts';

export const exportCommand: Command = {
  name: 'export',
  words: 'PROJECT --out BUNDLE.zip',
  about: 'write model.onnx, weights, labels and recipe as one zip',
  needsEngine: true,
  options: {
    run: runOption,
    out: { type: 'string', value: 'BUNDLE.zip', about: 'where to' },
    force: forceOption,
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) => {
    const out = text(values.out);
    if (out === undefined) throw usage('Expected --out BUNDLE.zip: where to write the bundle.');
    refuseToReplace([resolve(out)], values, '--out');
    const replace = values.force === true ? (true as const) : undefined;
    return withStudio(async ({ client }) => {
      await openProject(client, given);
      const { id: runId } = await chooseRun(client, text(values.run));
      await followJob(
        client,
        () => client.bundles.export({ runId, path: resolve(out), replace }),
        (event) => {
          if (event.event !== 'job.changed' || event.job.kind !== 'export') return;
          output.event('export.progress', { ...event.job.progress });
          output.progress(`Exporting: ${event.job.progress.done} ${event.job.progress.unit}`);
        },
      );
      const bundle = await client.bundles.get({ runId });
      if (!bundle)
        throw new AtelierError('INTERNAL', `The export of ${runId} finished but its bundle is not there.`);
      const { parity } = bundle;
      output.line(`${bundle.path} (${count(bundle.bytes)} bytes)`);
      for (const line of table(bundle.files.map(({ name, bytes }) => [`  ${name}`, count(bytes)])))
        output.line(line);
      output.line(
        `Proved in ${parity.runtime} on ${count(parity.images)} images: largest difference ${parity.largestDifference.toExponential(1)}, ${parity.labelFlips} other answers.`,
      );
      output.event('export.finished', { bundle });
    });
  },
};
