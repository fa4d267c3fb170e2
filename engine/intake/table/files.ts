/**
 * From what a table calls a file to the file: a path relative to the table, or to one folder beneath; in any case,
 * and without its extension where the table leaves it out. Absolute paths of another machine are taken relative to the
 * folder that all of them lie beneath. Nothing outside the source is ever looked at.
 */
import { posix } from 'node:path';
import type { ListedFile } from '../importer.ts';

type Match = { file: ListedFile; how: 'exact' | 'case' | 'extension' | 'absolute' } | { reason: string };

const reasons = {
  web: 'The table gives a web address. Only files of this folder are read.',
  outside: 'The table names a file outside of this folder.',
  absent: 'The table names it, but there is no such file.',
  several: 'The table names it, but several files have this name. Write the path into the table.',
};
/** Rows that are looked at to find the folders that paths are relative to, and how many such folders are kept. */
const sampled = 1_000;
const greatestBases = 64;
const greatestTwins = 1_000;

const loose = (path: string) => path.normalize('NFC').toLowerCase();
const slashed = (cell: string) => cell.trim().replaceAll('\\', '/');
const isAbsolute = (path: string) => path.startsWith('/') || /^[a-z]:/i.test(path);
const withoutExtension = (path: string) => path.replace(/(?<=[^/])\.[^./]{1,8}$/, '');

type Index = Map<string, ListedFile | null>;

export class TableFiles {
  readonly #exact: Index = new Map();
  readonly #case: Index = new Map();
  readonly #extension: Index = new Map();
  /** Files by the loose end of their path, with and without extension. */
  readonly #ends = new Map<string, ListedFile[]>();
  /** The folder of another machine that all paths lie beneath; null where they do not. */
  #foreign: string | null = null;
  #bases: { folder: string; rows: number }[] = [];

  /**
   * @param root of the source, absolute
   * @param folder of the table, within the source; "" for the source itself
   * @param files that may be images
   * @param others names of files that cannot, and why
   */
  constructor(
    private readonly root: string,
    private readonly folder: string,
    files: readonly ListedFile[],
    private readonly others: ReadonlyMap<string, string> = new Map(),
  ) {
    for (const file of files) {
      const { name } = file;
      put(this.#exact, name, file);
      put(this.#case, loose(name), file);
      put(this.#extension, loose(withoutExtension(name)), file);
      const end = loose(posix.basename(name));
      for (const key of new Set([end, withoutExtension(end)])) {
        const twins = this.#ends.get(key);
        if (!twins) this.#ends.set(key, [file]);
        else if (twins.length < greatestTwins) twins.push(file);
      }
    }
  }

  /** Finds the folders beneath which the table's paths lie. @param cells of the column that names files */
  learn(cells: readonly string[]): void {
    this.#foreign = this.#foreignOf(cells);
    const step = Math.max(1, Math.ceil(cells.length / sampled));
    const rows = new Map<string, number>();
    for (let at = 0; at < cells.length; at += step) {
      const path = this.#within(cells[at]!);
      if (typeof path !== 'string') continue;
      const end = loose(path);
      const bases = new Set<string>();
      for (const { name } of this.#ends.get(posix.basename(end)) ?? []) {
        for (const whole of [loose(name), withoutExtension(loose(name))]) {
          if (whole !== end && !whole.endsWith(`/${end}`)) continue;
          bases.add(name.split('/').slice(0, -path.split('/').length).join('/'));
        }
      }
      for (const base of bases) rows.set(base, (rows.get(base) ?? 0) + 1);
    }
    this.#bases = [...rows]
      .map(([folder, count]) => ({ folder, rows: count }))
      .sort((a, b) => b.rows - a.rows || (a.folder < b.folder ? -1 : 1))
      .slice(0, greatestBases);
  }

  /** Folders that paths were found in, the most frequent first. */
  get bases(): string[] {
    return this.#bases.map(({ folder }) => folder);
  }

  /** The folder of another machine that the paths are taken to be relative to, as the table writes it. */
  get foreign(): string | null {
    return this.#foreign;
  }

  #foreignOf(cells: readonly string[]): string | null {
    let common: string[] | null = null;
    for (const cell of cells) {
      const text = slashed(cell);
      if (text === '') continue;
      if (!isAbsolute(text) || this.#own(text) !== null) return null;
      const steps = posix.normalize(text).split('/').slice(0, -1);
      const differs: number = common?.findIndex((step, at) => steps[at] !== step) ?? -1;
      common = common === null ? steps : differs < 0 ? common : common.slice(0, differs);
    }
    return common && common.join('/') !== '' ? common.join('/') : null;
  }

  /** The path within the source, of an absolute one that leads there. */
  #own(text: string): string | null {
    const root = `${this.root.replaceAll('\\', '/')}/`;
    const path = posix.normalize(text);
    return path.startsWith(root) ? path.slice(root.length) : null;
  }

  /** @param prefers of several folders that hold a file of this path, the one to take */
  find(cell: string, prefers: (folder: string) => boolean = () => false): Match {
    const match = this.#find(cell, prefers);
    const text = slashed(cell);
    if (this.#foreign === null || !isAbsolute(text) || this.#own(text) !== null) return match;
    if ('file' in match) return { file: match.file, how: 'absolute' };
    return match.reason === reasons.absent ? { reason: reasons.outside } : match;
  }

  #find(cell: string, prefers: (folder: string) => boolean): Match {
    const path = this.#within(cell);
    if (typeof path !== 'string') return path;
    for (const how of ['exact', 'case', 'extension'] as const) {
      const [index, key]: [Index, string] =
        how === 'exact'
          ? [this.#exact, path]
          : how === 'case'
            ? [this.#case, loose(path)]
            : [this.#extension, loose(path)];
      const at = (folder: string) => index.get(posix.join(how === 'exact' ? folder : loose(folder), key));
      const own = at(this.folder);
      if (own) return { file: own, how };
      if (own === null) return { reason: reasons.several };
      const hits = this.#bases.filter(({ folder }) => at(folder) !== undefined);
      if (hits.length === 0) continue;
      const preferred = hits.filter(({ folder }) => prefers(folder));
      const [first, second] = preferred.length > 0 ? preferred : hits;
      const file = second && second.rows === first!.rows ? null : at(first!.folder);
      return file ? { file, how } : { reason: reasons.several };
    }
    // Beneath a folder that the sample did not meet.
    const end = loose(path);
    const twins = (this.#ends.get(posix.basename(end)) ?? []).filter(({ name }) => {
      const whole = loose(name);
      return whole.endsWith(`/${end}`) || withoutExtension(whole).endsWith(`/${end}`);
    });
    if (twins.length === 1) {
      const [file] = twins;
      return { file: file!, how: file!.name.endsWith(`/${path}`) ? 'exact' : 'case' };
    }
    if (twins.length > 1) return { reason: reasons.several };
    const against = [this.folder, ...this.bases].map((folder) => this.others.get(posix.join(folder, path)));
    return { reason: against.find((reason) => reason !== undefined) ?? reasons.absent };
  }

  /** The path relative to the table's folder, or within the source where it leads there another way. */
  #within(cell: string): string | { reason: string } {
    const text = slashed(cell);
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text) || text.startsWith('data:')) return { reason: reasons.web };
    let path = text;
    if (isAbsolute(text)) {
      const own = this.#own(text);
      if (own !== null) return this.#exact.has(own) ? own : { reason: reasons.absent };
      const start = this.#foreign === null ? null : `${this.#foreign}/`;
      path = posix.normalize(text);
      return start !== null && path.startsWith(start)
        ? path.slice(start.length)
        : { reason: reasons.outside };
    }
    path = posix.normalize(posix.join(this.folder, path));
    if (path === '..' || path.startsWith('../')) return { reason: reasons.outside };
    // Relative to the table's folder again, so that it can be looked for beneath others.
    if (this.folder !== '' && path.startsWith(`${this.folder}/`)) path = path.slice(this.folder.length + 1);
    return path.replace(/\/$/, '');
  }
}

/** null where two files have the same key. */
function put(index: Index, key: string, file: ListedFile): void {
  index.set(key, index.has(key) ? null : file);
}
