/**
 * What a reading of images has come to so far, beside its pack: a worker that dies while it decodes leaves here what it
 * had read and which files it was decoding, so that the next one goes on and knows whom to suspect.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import type { SkippedFile } from '#contract/project.ts';
import { append } from '../packs/pack-file.ts';
import type { ReadItem } from '../../intake/importer.ts';

/** What became of one file. */
export type Outcome = { item: ReadItem } | { skipped: SkippedFile };

type Line = { started: true } | { begun: string } | { later: string } | { name: string; outcome: Outcome };

interface Earlier {
  /** By name within the source. */
  outcomes: Map<string, Outcome>;
  /** Files that were being decoded when a worker died; each is decoded alone now. */
  suspects: string[];
  /** Files that were alone in memory when a worker died, after having been there at an earlier death. */
  culprits: string[];
}

export const journalName = (pack: string) => `${pack.replace(/\.part$/, '')}.journal.part`;

/** Reads what earlier workers left. @param path of the journal, which need not be there */
export function readJournal(path: string): Earlier {
  const outcomes = new Map<string, Outcome>();
  const lives: Set<string>[] = [];
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // The last line has no end where the worker died within it.
  for (const line of text.split('\n').slice(0, -1)) {
    const found = JSON.parse(line) as Line;
    if ('started' in found) lives.push(new Set());
    else if ('begun' in found) lives.at(-1)?.add(found.begun);
    else if ('later' in found) lives.at(-1)?.delete(found.later);
    else {
      outcomes.set(found.name, found.outcome);
      lives.at(-1)?.delete(found.name);
    }
  }
  const culprits = new Set<string>();
  lives.forEach((life, index) => {
    const [only] = life;
    if (only === undefined || life.size > 1 || outcomes.has(only)) return;
    if (lives.slice(0, index).some((before) => before.has(only))) culprits.add(only);
  });
  const unsettled = new Set(lives.flatMap((life) => [...life]));
  const suspects = [...unsettled].filter((name) => !outcomes.has(name) && !culprits.has(name));
  return { outcomes, suspects, culprits: [...culprits] };
}

/** Writes what happens as it happens: a line that was written outlives the process, if not the machine. */
export class ReadJournal {
  readonly #file: number;

  /** @throws DISK_FULL, FILE_NOT_WRITABLE */
  constructor(readonly path: string) {
    this.#file = openSync(path, 'a');
    this.#write([{ started: true }]);
  }

  /** They are in memory from now on, until their end or until they are put off. */
  begin(names: readonly string[]): void {
    this.#write(names.map((begun) => ({ begun })));
  }

  /** They are to be read in another way, later. */
  putOff(names: readonly string[]): void {
    if (names.length > 0) this.#write(names.map((later) => ({ later })));
  }

  end(outcomes: readonly (readonly [name: string, outcome: Outcome])[]): void {
    this.#write(outcomes.map(([name, outcome]) => ({ name, outcome })));
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Nothing is left to go on with. */
  remove(): void {
    rmSync(this.path, { force: true });
  }

  /** In one piece, so that many cost as much as one. */
  #write(lines: readonly Line[]): void {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    append(this.#file, Buffer.from(text), this.path);
  }
}
