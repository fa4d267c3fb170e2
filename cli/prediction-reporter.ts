/**
 * What is told of predictions while they are made: a line or an event for each file, a table of them all, and the sum at
 * the end. Nothing of a file is kept once it was told. Who answers is left to commands/predict.ts.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { type Judged, type Verdict, verdictWords } from '#contract/answer-rule.ts';
import { AtelierError } from '#contract/errors.ts';
import { csv } from '#contract/csv.ts';
import { streamDurably } from '#learning/files/durable-file.ts';
import type { Walk } from './image-files.ts';
import { count, counted, type Output, percent } from './output.ts';

/** Probabilities in the order of `classes`. */
export interface Answer {
  classes: string[];
  probabilities: number[];
  verdict: Verdict;
  /** Null without an answer rule. */
  judged: Judged | null;
  milliseconds: number;
}
export type Outcome = { file: string } & ({ answer: Answer } | { error: AtelierError });

/** Who answers: a run of a project, or a bundle with the run that it holds. */
export interface Source {
  /** As the last event has it; `run` and `runName` are null in a bundle that does not say. */
  fields: { bundle?: string; run: string | null; runName: string | null };
  /** As in "12 files with run One (run-1)". */
  name: string;
  /** @throws IMAGE_UNREADABLE and NOT_FOUND for the one image, any other for the whole */
  ask(path: string): Promise<Answer>;
}

/** A table that is written as the answers come, and there whole or not at all. */
interface Table {
  /** As the person wrote it. */
  given: string;
  path: string;
  temporary: string;
}

export function tableAt(given: string | undefined): Table | undefined {
  if (given === undefined) return undefined;
  const path = resolve(given);
  return { given, path, temporary: `${path}.${randomBytes(6).toString('hex')}.part` };
}

/** What was answered so far, told as it comes and not kept. */
export class PredictionReporter {
  #answered = 0;
  #failed = 0;
  #firstError: AtelierError | null = null;

  constructor(
    private readonly source: Source,
    private readonly walk: Walk,
    private readonly output: Output,
    private readonly table: Table | undefined,
  ) {}

  /** @throws FILE_NOT_WRITABLE, DISK_FULL; the table is then as it was before */
  async take(all: AsyncGenerator<Outcome>): Promise<void> {
    const rows = this.#rows(all);
    if (this.table) return streamDurably(this.table.path, rows, { temporary: this.table.temporary });
    while (!(await rows.next()).done);
  }

  /** Tells of each outcome. @returns the table, row by row */
  async *#rows(all: AsyncGenerator<Outcome>): AsyncGenerator<Buffer> {
    // Until the first answer the classes, and so the columns, are not known.
    let early: { file: string; error: AtelierError }[] = [];
    let classes: string[] | null = null;
    let judges = false;
    const errorRow = ({ file, error }: { file: string; error: AtelierError }) => [
      file,
      '',
      ...(judges ? ['', ''] : []),
      ...(classes ?? []).map(() => ''),
      error.message,
    ];
    for await (const outcome of all) {
      const rows: (string | number)[][] = [];
      if ('error' in outcome) {
        this.#fail(outcome.file, outcome.error);
        if (classes) rows.push(errorRow(outcome));
        else if (this.table !== undefined) early.push(outcome);
      } else {
        const { file, answer } = outcome;
        const best = this.#answer(file, answer);
        if (!classes) {
          ({ classes } = answer);
          judges = answer.judged !== null;
          const rule = judges ? ['verdict', 'novelty'] : [];
          rows.push(['file', 'predicted', ...rule, ...classes, 'error'], ...early.map(errorRow));
          early = [];
        }
        const rule = judges ? [answer.verdict, answer.judged?.novelty ?? ''] : [];
        rows.push([file, best, ...rule, ...answer.probabilities, '']);
      }
      this.output.progress(
        `${counted(this.#answered + this.#failed, 'file')}, ${count(this.#failed)} failed`,
      );
      if (rows.length > 0) yield Buffer.from(csv(rows));
    }
    if (!classes) yield Buffer.from(csv([['file', 'predicted', 'error'], ...early.map(errorRow)]));
  }

  /** @returns the most probable class */
  #answer(file: string, answer: Answer): string {
    this.#answered += 1;
    const all = ranked(answer);
    const [best, next] = all;
    const { verdict, judged } = answer;
    this.output.event('prediction', {
      file,
      predicted: best!.name,
      probability: best!.probability,
      probabilities: Object.fromEntries(all.map(({ name, probability }) => [name, probability])),
      verdict,
      judged,
      milliseconds: answer.milliseconds,
    });
    const second = next ? ` (${next.name} ${percent(next.probability)})` : '';
    const told = `${best!.name} ${percent(best!.probability)}${second}`;
    const words = verdictWords(verdict, best!.probability, judged);
    this.output.line(words === null ? `${file}: ${told}` : `${file}: ${words} (else ${told})`);
    return best!.name;
  }

  #fail(file: string, error: AtelierError): void {
    this.#failed += 1;
    this.#firstError ??= error;
    this.output.event('prediction.failed', { file, code: error.code, message: error.message });
    this.output.note(`${file}: ${error.message}`);
  }

  /**
   * @returns the exit code: 1 where a file failed
   * @throws SOURCE_EMPTY where there was no file, the first file's error where none was answered, CANCELLED
   */
  finish(stopped: boolean): number {
    const passedOver = this.walk.passedOver();
    if (passedOver > 0) this.output.note(`Passed over ${count(passedOver)} names that begin with a dot.`);
    if (stopped)
      throw new AtelierError(
        'CANCELLED',
        `Stopped after ${this.#files()}.${this.table ? ` Their rows are in ${this.table.given}.` : ''}`,
      );
    if (this.#answered + this.#failed === 0)
      throw new AtelierError(
        'SOURCE_EMPTY',
        'Expected image files, but the folders named hold none. Choose others.',
      );
    const failed = this.#failed > 0 ? `; ${count(this.#failed)} failed, with the reasons above` : '';
    this.output.line(`${this.#files()} with ${this.source.name}${failed}.`);
    this.output.event('predict.finished', {
      ...this.source.fields,
      files: this.#answered,
      failed: this.#failed,
      passedOver,
      csv: this.table?.given ?? null,
    });
    if (this.#answered === 0) throw this.#firstError!;
    return this.#failed > 0 ? 1 : 0;
  }

  #files = () => {
    const all = this.#answered + this.#failed;
    return `${count(all)} file${all === 1 ? '' : 's'}`;
  };
}

const ranked = ({ classes, probabilities }: Answer) =>
  classes
    .map((name, index) => ({ name, probability: probabilities[index]! }))
    .sort((a, b) => b.probability - a.probability);
