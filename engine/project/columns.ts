/**
 * The columns of the item table that filters and counts look at, held in memory: a query over
 * 100,000 items is a scan of typed arrays. The table on disk is the truth; this follows it.
 */
import { type ItemFilter, type Split, splitNames } from '#contract/entities.ts';
import type { Database } from './database.ts';

export type Counts = { train: number; validation: number; test: number; total: number };

/** Items by their position in the columns. */
export type Positions = Int32Array;

/** The items behind one cell of a confusion matrix. */
export interface Cell {
  key: string;
  itemIds: ReadonlySet<number>;
}

const rowsPerTurn = 2000;

export class Columns {
  /** Ascending item ids; an item's position here is its row in every tensor pack. */
  ids = new Int32Array(0);
  classIds = new Int32Array(0);
  importedClassIds = new Int32Array(0);
  /** Index in `splitNames`. */
  splits = new Uint8Array(0);
  /** 1 for items that were removed: they keep their place, and nothing here counts or lists them. */
  removed = new Uint8Array(0);
  length = 0;
  /** Counts every change, so that what is derived can be kept while nothing changed. */
  version = 0;
  /** Lower-cased, for text filters. */
  readonly #names: string[] = [];
  #counts: { version: number; byClass: Map<number, Counts>; all: Counts; relabelled: number } | null = null;
  #lists = new Map<string, { version: number; positions: Positions }>();

  /** Reads all rows after the last one known; yields to other work now and then. */
  async follow(database: Database): Promise<void> {
    const last = this.length ? this.ids[this.length - 1]! : 0;
    const { count } = database.prepare('SELECT count(*) AS count FROM items WHERE id > ?').get(last) as {
      count: number;
    };
    this.#reserve(this.length + count);
    const statement = database.prepare(
      'SELECT id, class_id, imported_class_id, split, removed, name FROM items WHERE id > ? ORDER BY id LIMIT ?',
    );
    statement.setReturnArrays(true);
    for (let after = last; ;) {
      const rows = statement.all(after, rowsPerTurn) as unknown as [
        number,
        number,
        number,
        number,
        number,
        string,
      ][];
      for (const [id, classId, importedClassId, split, removed, name] of rows) {
        const at = this.length++;
        this.ids[at] = id;
        this.classIds[at] = classId;
        this.importedClassIds[at] = importedClassId;
        this.splits[at] = split;
        this.removed[at] = removed;
        this.#names[at] = name.toLowerCase();
        after = id;
      }
      if (rows.length < rowsPerTurn) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.version++;
  }

  #reserve(size: number): void {
    const grown = <T extends Int32Array | Uint8Array>(array: T, fresh: T): T => (fresh.set(array), fresh);
    this.ids = grown(this.ids, new Int32Array(size));
    this.classIds = grown(this.classIds, new Int32Array(size));
    this.importedClassIds = grown(this.importedClassIds, new Int32Array(size));
    this.splits = grown(this.splits, new Uint8Array(size));
    this.removed = grown(this.removed, new Uint8Array(size));
  }

  /** Position of an item, -1 if there is none. */
  positionOf(id: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.ids[middle]!;
      if (found === id) return middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  setClass(id: number, classId: number): void {
    this.classIds[this.positionOf(id)] = classId;
    this.version++;
  }

  setSplit(id: number, split: number): void {
    this.splits[this.positionOf(id)] = split;
    this.version++;
  }

  setRemoved(id: number, removed: boolean): void {
    this.removed[this.positionOf(id)] = removed ? 1 : 0;
    this.version++;
  }

  setName(id: number, name: string): void {
    this.#names[this.positionOf(id)] = name.toLowerCase();
    this.version++;
  }

  counts(): { byClass: Map<number, Counts>; all: Counts; relabelled: number } {
    if (this.#counts?.version === this.version) return this.#counts;
    const none = (): Counts => ({ train: 0, validation: 0, test: 0, total: 0 });
    const byClass = new Map<number, Counts>();
    const all = none();
    let relabelled = 0;
    for (let at = 0; at < this.length; at++) {
      if (this.removed[at]) continue;
      const classId = this.classIds[at]!;
      const split = splitNames[this.splits[at]!]!;
      let counts = byClass.get(classId);
      if (!counts) byClass.set(classId, (counts = none()));
      counts[split]++;
      counts.total++;
      all[split]++;
      all.total++;
      if (classId !== this.importedClassIds[at]) relabelled++;
    }
    this.#counts = { version: this.version, byClass, all, relabelled };
    return this.#counts;
  }

  /** Positions of the items of one split, ascending. */
  ofSplit(split: Split): Positions {
    return this.matching({ splits: [split] });
  }

  /**
   * Positions of the items that a filter lets through, ascending; kept until something changes.
   * @param behindCell the items behind the filter's cell, where it has one; `key` names the evaluation
   */
  matching(filter: ItemFilter, behindCell?: Cell | null): Positions {
    const key = JSON.stringify([filter, behindCell?.key]);
    const kept = this.#lists.get(key);
    if (kept?.version === this.version) return kept.positions;

    const splits = filter.splits && new Set(filter.splits.map((split) => splitNames.indexOf(split)));
    const classes = filter.classIds && new Set(filter.classIds);
    const text = filter.text ? filter.text.toLowerCase() : '';
    const found = new Int32Array(this.length);
    let count = 0;
    for (let at = 0; at < this.length; at++) {
      if (this.removed[at]) continue;
      if (splits && !splits.has(this.splits[at]!)) continue;
      if (classes && !classes.has(this.classIds[at]!)) continue;
      if (
        filter.relabelled !== undefined &&
        filter.relabelled !== (this.classIds[at] !== this.importedClassIds[at])
      )
        continue;
      if (behindCell && !behindCell.itemIds.has(this.ids[at]!)) continue;
      if (text && !this.#names[at]!.includes(text)) continue;
      found[count++] = at;
    }
    const positions = found.slice(0, count);
    if (this.#lists.size > 20) this.#lists.clear();
    this.#lists.set(key, { version: this.version, positions });
    return positions;
  }
}
