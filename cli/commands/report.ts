/** `atelier report`: what a run is, how good it is and how sure that is, as one file for people. */
import { resolve } from 'node:path';
import { reportFormats } from '#contract/report.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { forceOption, writeFiles } from '../files.ts';
import { count, usage } from '../output.ts';
import { withProject } from '../session.ts';

export const reportCommand: Command = {
  name: 'report',
  words: 'PROJECT',
  about: 'write a report of a run: one HTML file that needs nothing else, or a Markdown model card',
  needsEngine: false,
  options: {
    run: runOption,
    format: {
      type: 'string',
      value: reportFormats.join('|'),
      about: 'what to write (html if absent)',
    },
    out: { type: 'string', value: 'FOLDER', about: 'folder to write into (the present one if absent)' },
    force: forceOption,
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) => {
    const format = reportFormats.find((one) => one === (text(values.format) ?? 'html'));
    if (!format)
      throw usage(`Expected --format ${reportFormats.join('|')}, received ${JSON.stringify(values.format)}.`);
    return withProject(given, async ({ client }) => {
      const { id: runId } = await chooseRun(client, text(values.run));
      const { name, text: content } = await client.runs.report({ runId, format });
      const folder = resolve(text(values.out) ?? '.');
      const bytes = Buffer.from(content);
      await writeFiles(folder, [{ name, bytes }], values);
      output.line(`${resolve(folder, name)} (${count(bytes.length)} bytes)`);
      output.event('report.written', {
        run: runId,
        format,
        path: resolve(folder, name),
        bytes: bytes.length,
      });
    });
  },
};
