/** `atelier predict`: classifies image files with a run of a project. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Prediction } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { fromRpcError } from '#contract/rpc.ts';
import { csv } from '#learning/export/csv.ts';
import { type Command, text } from '../command.ts';
import { percent, usage } from '../output.ts';
import { chooseRun, openProject, withStudio } from '../session.ts';

export const predictCommand: Command = {
  name: 'predict',
  words: 'PROJECT FILE…',
  about: 'classify image files',
  options: {
    run: { type: 'string', value: 'RUN', about: 'id or name (the latest finished run if absent)' },
    csv: { type: 'string', value: 'OUT', about: 'write the answers as a table, too' },
  },
  least: 2,
  most: Infinity,
  run: ({ words: [given = '', ...files], values, output }) => {
    if (given.endsWith('.zip')) {
      throw usage(
        'Expected a project, received a bundle. The README inside the bundle says how to run its model.onnx.',
      );
    }
    return withStudio(async ({ client }) => {
      await openProject(client, given);
      const { id: runId } = await chooseRun(client, text(values.run));
      const answered: { file: string; prediction: Prediction }[] = [];
      const failed: { file: string; error: AtelierError }[] = [];
      for (const file of files) {
        try {
          const prediction = await client.predictions.predict({
            runId,
            image: { kind: 'path', path: resolve(file) },
          });
          answered.push({ file, prediction });
          const [best, next] = ranked(prediction);
          output.event('prediction', {
            file,
            predicted: best!.name,
            probability: best!.probability,
            probabilities: Object.fromEntries(
              ranked(prediction).map(({ name, probability }) => [name, probability]),
            ),
            milliseconds: prediction.milliseconds,
          });
          output.line(
            `${file}: ${best!.name} ${percent(best!.probability)}${next ? ` (${next.name} ${percent(next.probability)})` : ''}`,
          );
        } catch (thrown) {
          // One unreadable file does not cost the answers on the others.
          const error = fromRpcError(thrown);
          if (error.code !== 'IMAGE_UNREADABLE' && error.code !== 'NOT_FOUND') throw error;
          failed.push({ file, error });
          output.event('prediction.failed', { file, code: error.code, message: error.message });
          output.note(`${file}: ${error.message}`);
        }
      }
      const table = text(values.csv);
      if (table !== undefined) writeTable(table, answered);
      if (answered.length === 0) throw failed[0]!.error;
      output.event('predict.finished', {
        run: runId,
        files: answered.length,
        failed: failed.length,
        csv: table ?? null,
      });
    });
  },
};

const ranked = ({ classes, probabilities }: Prediction) =>
  classes
    .map(({ name }, index) => ({ name, probability: probabilities[index]! }))
    .sort((a, b) => b.probability - a.probability);

/** @throws FILE_NOT_WRITABLE */
function writeTable(path: string, answered: readonly { file: string; prediction: Prediction }[]): void {
  const classes = answered[0]?.prediction.classes.map(({ name }) => name) ?? [];
  const rows = answered.map(({ file, prediction }) => [
    file,
    classes[prediction.predicted] ?? '',
    ...prediction.probabilities,
  ]);
  try {
    writeFileSync(path, csv([['file', 'predicted', ...classes], ...rows]));
  } catch (error) {
    throw new AtelierError(
      'FILE_NOT_WRITABLE',
      `The table could not be written to ${path}: ${(error as Error).message}.`,
      { path },
    );
  }
}
