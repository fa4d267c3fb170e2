/** `atelier predict`: classifies image files and folders of them with a run of a project, or with an exported bundle. */
import { basename, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { fromRpcError } from '#contract/rpc.ts';
import { BundleReader } from '#engine/jobs/bundle-reader.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { forceOption, refuseToReplace } from '../files.ts';
import { imageFiles, type Walk } from '../image-files.ts';
import { usage } from '../output.ts';
import { type Outcome, type Source, tableAt, PredictionReporter } from '../prediction-reporter.ts';
import { withProject } from '../session.ts';

export const predictCommand: Command = {
  name: 'predict',
  words: 'PROJECT|BUNDLE.zip FILE|FOLDER…',
  about: 'classify image files',
  needsEngine: true,
  options: {
    run: runOption,
    csv: {
      type: 'string',
      value: 'OUT',
      about: 'write a table, too: a row for each file, its error where it has none',
    },
    force: forceOption,
  },
  least: 2,
  most: Infinity,
  async run({ words: [given = '', ...files], values, output, signal }) {
    const bundle = /\.zip$/i.test(given);
    const run = text(values.run);
    if (bundle && run !== undefined)
      throw usage('Expected --run with a project only: a bundle holds one run.');
    const csv = text(values.csv);
    if (csv !== undefined) refuseToReplace([resolve(csv)], values, '--csv');
    let stopped = false;
    const release = signal.onInterrupt(() => {
      stopped = true;
      output.note('Stopping after the current file; press Ctrl-C again to quit at once.');
    });
    const classify = (source: Source) => {
      const table = tableAt(csv);
      const walk = imageFiles(files, table ? [table.path, table.temporary] : []);
      const tally = new PredictionReporter(source, walk, output, table);
      return tally.take(outcomes(source, walk, () => stopped)).then(() => tally.finish(stopped));
    };
    try {
      return await (bundle ? withBundle(resolve(given), classify) : withRun(given, run, classify));
    } finally {
      release();
    }
  },
};

function withRun<T>(
  given: string,
  run: string | undefined,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  return withProject(given, async ({ client }) => {
    const { id: runId, name } = await chooseRun(client, run);
    return work({
      fields: { run: runId, runName: name },
      name: `run ${name} (${runId})`,
      async ask(path) {
        const prediction = await client.predictions.predict({ runId, image: { kind: 'path', path } });
        return { ...prediction, classes: prediction.classes.map(({ name }) => name) };
      },
    });
  });
}

async function withBundle<T>(bundle: string, work: (source: Source) => Promise<T>): Promise<T> {
  const reader = new BundleReader(bundle);
  try {
    const { classes, origin } = await reader.open();
    const { id = null, name = null } = origin?.run ?? {};
    return await work({
      fields: { bundle, run: id, runName: name },
      name: id === null ? basename(bundle) : `run ${name} (${id}) of ${basename(bundle)}`,
      async ask(path) {
        return { classes, ...(await reader.predict({ path, name: basename(path) })) };
      },
    });
  } finally {
    reader.close();
  }
}

/** Workers that may die one after another, each over a file of its own, before the fault is taken to be another. */
const mostDeaths = 3;

/** One unreadable file does not cost the answers on the others. @throws any error that is not the file's own */
async function* outcomes(source: Source, { files }: Walk, stopped: () => boolean): AsyncGenerator<Outcome> {
  let deaths = 0;
  for await (const found of files) {
    const { file } = found;
    if (stopped()) return;
    if ('error' in found) {
      yield found;
      continue;
    }
    try {
      yield { file, answer: await source.ask(resolve(found.path)) };
      deaths = 0;
    } catch (thrown) {
      const error = thrown instanceof AtelierError ? thrown : fromRpcError(thrown);
      deaths = error.code === 'WORKER_DIED' ? deaths + 1 : 0;
      const ofFile = ['IMAGE_UNREADABLE', 'NOT_FOUND', 'WORKER_DIED'].includes(error.code);
      if (!ofFile || deaths === mostDeaths) throw error;
      yield { file, error };
    }
  }
}
