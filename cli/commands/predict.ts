/** `atelier predict`: classifies image files with a run of a project, or with an exported bundle. */
import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { fromRpcError } from '#contract/rpc.ts';
import { forkWorker, Worker } from '#engine/jobs/workers.ts';
import { csv } from '#learning/export/csv.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { forceOption, refuseToReplace } from '../files.ts';
import { type Output, percent, usage } from '../output.ts';
import { openProject, withStudio } from '../session.ts';

/** Probabilities in the order of `classes`. */
interface Answer {
  classes: string[];
  probabilities: number[];
  milliseconds: number;
}

export const predictCommand: Command = {
  name: 'predict',
  words: 'PROJECT|BUNDLE.zip FILE…',
  about: 'classify image files',
  needsEngine: true,
  options: {
    run: runOption,
    csv: { type: 'string', value: 'OUT', about: 'write the answers as a table, too' },
    force: forceOption,
  },
  least: 2,
  most: Infinity,
  async run({ words: [given = '', ...files], values, output }) {
    const bundle = given.endsWith('.zip');
    const run = text(values.run);
    if (bundle && run !== undefined)
      throw usage('Expected --run with a project only: a bundle holds one run.');
    const table = text(values.csv);
    if (table !== undefined) refuseToReplace([resolve(table)], values, '--csv');
    const answers = new Answers(files, output);
    const source = bundle
      ? await askBundle(given, files, answers)
      : await askProject(given, run, files, answers);
    if (table !== undefined) answers.writeTable(table);
    output.event('predict.finished', { ...source, ...answers.summary(), csv: table ?? null });
  },
};

function askProject(
  given: string,
  run: string | undefined,
  files: string[],
  answers: Answers,
): Promise<{ run: string }> {
  return withStudio(async ({ client }) => {
    await openProject(client, given);
    const { id: runId } = await chooseRun(client, run);
    for (const [index, file] of files.entries()) {
      try {
        const prediction = await client.predictions.predict({
          runId,
          image: { kind: 'path', path: resolve(file) },
        });
        answers.take(index, { ...prediction, classes: prediction.classes.map(({ name }) => name) });
      } catch (thrown) {
        answers.fail(index, fromRpcError(thrown));
      }
    }
    return { run: runId };
  });
}

/** Needs neither project nor studio: a worker, as the studio would start it. */
async function askBundle(given: string, files: string[], answers: Answers): Promise<{ bundle: string }> {
  const worker = new Worker(forkWorker, 'prediction', 'try again', false);
  const bundle = resolve(given);
  const images = files.map((file) => ({ path: resolve(file), name: basename(file) }));
  const told: ((classes: string[]) => void)[] = [];
  try {
    const { classes } = await worker.run(
      'predict-bundle',
      { bundle, images },
      {
        onEvent: (event) =>
          told.push((names) =>
            event.kind === 'answer'
              ? answers.take(event.index, { ...event, classes: names })
              : answers.fail(event.index, AtelierError.fromWire(event.error)),
          ),
      },
    );
    for (const tell of told) tell(classes);
  } finally {
    worker.close();
  }
  return { bundle };
}

/** What was answered so far, told as it comes. */
class Answers {
  readonly #answered: { file: string; answer: Answer }[] = [];
  readonly #failed: AtelierError[] = [];

  constructor(
    private readonly files: readonly string[],
    private readonly output: Output,
  ) {}

  take(index: number, answer: Answer): void {
    const file = this.files[index]!;
    this.#answered.push({ file, answer });
    const [best, next] = ranked(answer);
    this.output.event('prediction', {
      file,
      predicted: best!.name,
      probability: best!.probability,
      probabilities: Object.fromEntries(ranked(answer).map(({ name, probability }) => [name, probability])),
      milliseconds: answer.milliseconds,
    });
    const second = next ? ` (${next.name} ${percent(next.probability)})` : '';
    this.output.line(`${file}: ${best!.name} ${percent(best!.probability)}${second}`);
  }

  /** One unreadable file does not cost the answers on the others. @throws any error that is not the file's own */
  fail(index: number, error: AtelierError): void {
    if (error.code !== 'IMAGE_UNREADABLE' && error.code !== 'NOT_FOUND') throw error;
    const file = this.files[index]!;
    this.#failed.push(error);
    this.output.event('prediction.failed', { file, code: error.code, message: error.message });
    this.output.note(`${file}: ${error.message}`);
  }

  /** @throws the first file's error where none was answered */
  summary(): { files: number; failed: number } {
    if (this.#answered.length === 0) throw this.#failed[0]!;
    return { files: this.#answered.length, failed: this.#failed.length };
  }

  /** @throws FILE_NOT_WRITABLE */
  writeTable(path: string): void {
    const classes = this.#answered[0]?.answer.classes ?? [];
    const rows = this.#answered.map(({ file, answer }) => [
      file,
      ranked(answer)[0]!.name,
      ...answer.probabilities,
    ]);
    try {
      writeFileSync(path, csv([['file', 'predicted', ...classes], ...rows]));
    } catch (error) {
      throw new AtelierError(
        'FILE_NOT_WRITABLE',
        `Expected to write the table to ${path}, but ${(error as Error).message}. Choose another place with --csv.`,
        { path },
      );
    }
  }
}

const ranked = ({ classes, probabilities }: Answer) =>
  classes
    .map((name, index) => ({ name, probability: probabilities[index]! }))
    .sort((a, b) => b.probability - a.probability);
