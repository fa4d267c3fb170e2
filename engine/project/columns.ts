/**
 * The columns of the item table that filters and counts look at, held in memory: a query over
 * 100,000 items is a scan of typed arrays. The table on disk is the truth; this follows it.
 */
import { imageFactKeys } from '#contract/image-facts.ts';
import { type ItemFilter, type ItemOrder, type Split, splitNames } from '#contract/project.ts';
import { type DatabaseProblems, noClassId, noPart, unlabelled, wholeIn } from './database-problems.ts';
import { type Database, rows as rowsOf } from './database.ts';
import { FactsColumn } from './facts-column.ts';
import type { KeptFacts } from './facts-file.ts';
import { ranksOf, sortByNumber } from './item-order.ts';
import { MapColumn } from './map-column.ts';
import type { KeptMap } from './map-file.ts';

type Counts = { train: number; validation: number; test: number; total: number };

interface AllCounts {
  byClass: Map<number, Counts>;
  all: Counts;
  relabelled: number;
  /** Images without a class. */
  unlabelled: number;
  excluded: number;
  /** Images whose part the source says: all, and in each part, unlabelled and excluded ones too. */
  fixed: number;
  fixedIn: [train: number, validation: number, test: number];
}

/** Items by their position in the columns. */
type Positions = Int32Array;

/** The items behind cells of a confusion matrix. */
export interface BehindCells {
  key: string;
  itemIds: ReadonlySet<number>;
}

const rowsPerTurn = 2000;
/** Stands for a part that cannot be read. */
const badPart = 4;

type ItemColumns = [
  id: number,
  classId: number,
  importedClassId: number,
  split: number,
  fixed: number,
  removed: number,
  excluded: number,
  hard: number,
  name: string | null,
  note: string | null,
];
export const noCounts = (): Counts => ({ train: 0, validation: 0, test: 0, total: 0 });

export class Columns {
  /** Ascending item ids; an item's position here is its row in every tensor pack. */
  ids = new Int32Array(0);
  /** 0 for unlabelled images. */
  classIds = new Int32Array(0);
  importedClassIds = new Int32Array(0);
  /** Index in `splitNames`; `noPart` where it is not drawn yet. Of unlabelled images it is kept, and counts nowhere. */
  splits = new Uint8Array(0);
  /** 1 where the source says the part, 0 where it was drawn. */
  fixed = new Uint8Array(0);
  /** 1 for items that were removed: they keep their place, and nothing here counts or lists them. */
  removed = new Uint8Array(0);
  /** 1 for items that are excluded: they are listed, and in no part. */
  excluded = new Uint8Array(0);
  /** 1 for items that a person marked as hard. */
  hard = new Uint8Array(0);
  length = 0;
  /** Counts every change, so that what is derived can be kept while nothing changed. */
  version = 0;
  /** Of the embeddings; it follows its file. */
  readonly map = new MapColumn();
  readonly facts = new FactsColumn();
  /** Lower-cased, for text filters. */
  readonly #names: string[] = [];
  /** Lower-cased, of the items that have one, by their position. */
  readonly #notes = new Map<number, string>();
  /** Ids of images of findings in which a person found nothing wrong, by the kind of finding. */
  readonly #dismissed = new Map<string, Set<number>>();
  /** Made when a list is first sorted by name. */
  #nameRanks: Int32Array | null = null;
  #counts: (AllCounts & { version: number }) | null = null;
  #lists = new Map<string, { version: number; positions: Positions }>();

  /**
   * Reads all rows after the last one known; yields to other work now and then. An image whose part cannot be read
   * trains: in the test part it would spoil what was measured there.
   */
  async follow(database: Database, problems?: DatabaseProblems): Promise<void> {
    const last = this.length ? this.ids[this.length - 1]! : 0;
    const { count } = database
      .prepare(`SELECT count(*) AS count FROM items WHERE id > ? AND id <= ${noClassId}`)
      .get(last) as { count: number };
    const bad = { class: 0, part: 0, name: 0 };
    this.#reserve(this.length + count);
    this.#nameRanks = null;
    const statement = database.prepare(
      `SELECT id, ${wholeIn('class_id', 1, noClassId - 1, noClassId, unlabelled)},
        ${wholeIn('imported_class_id', 1, noClassId - 1, noClassId, unlabelled)}, ${wholeIn('split', 0, 2, badPart, noPart)}, ${wholeIn('fixed', 0, 1, 0)},
        ${wholeIn('removed', 0, 1, 0)}, excluded IS NOT NULL, ${wholeIn('hard', 0, 1, 0)},
        iif(typeof(name) = 'text', name, NULL), iif(typeof(note) = 'text', nullif(note, ''), NULL) FROM items WHERE id > ? AND id <= ${noClassId} ORDER BY id LIMIT ?`,
    );
    statement.setReturnArrays(true);
    for (let after = last; ;) {
      const rows = statement.all(after, rowsPerTurn) as unknown as ItemColumns[];
      for (const [id, classId, importedClassId, split, fixed, removed, excluded, hard, name, note] of rows) {
        const at = this.length++;
        this.ids[at] = id;
        this.classIds[at] = classId;
        this.importedClassIds[at] = importedClassId;
        // A label that something else wrote came without a part.
        this.splits[at] = split === badPart || (split === noPart && classId !== unlabelled) ? 0 : split;
        this.fixed[at] = fixed;
        this.removed[at] = removed;
        this.excluded[at] = excluded;
        this.hard[at] = hard;
        this.#names[at] = name?.toLowerCase() ?? '';
        if (note !== null) this.#notes.set(at, note.toLowerCase());
        if (classId === noClassId || importedClassId === noClassId) bad.class++;
        if (split === badPart) bad.part++;
        if (name === null) bad.name++;
        after = id;
      }
      if (rows.length < rowsPerTurn) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#dismissed.clear();
    for (const { finding, item_id: itemId } of rowsOf<{ finding: string; item_id: number }>(
      database,
      'SELECT finding, item_id FROM dismissed_findings',
    ))
      this.setDismissed(finding, itemId, true);
    if (bad.class > 0)
      problems?.say(`${bad.class} images have a class that cannot be read. Label them anew.`);
    if (bad.part > 0)
      problems?.say(
        `${bad.part} images are in a part that cannot be read. They are taken for training images.`,
      );
    if (bad.name > 0) problems?.say(`${bad.name} images have a name that cannot be read.`);
    this.version++;
  }

  #reserve(size: number): void {
    const grown = <T extends Int32Array | Uint8Array>(array: T, fresh: T): T => (fresh.set(array), fresh);
    this.ids = grown(this.ids, new Int32Array(size));
    this.classIds = grown(this.classIds, new Int32Array(size));
    this.importedClassIds = grown(this.importedClassIds, new Int32Array(size));
    this.splits = grown(this.splits, new Uint8Array(size));
    this.fixed = grown(this.fixed, new Uint8Array(size));
    this.removed = grown(this.removed, new Uint8Array(size));
    this.excluded = grown(this.excluded, new Uint8Array(size));
    this.hard = grown(this.hard, new Uint8Array(size));
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
    this.#change(this.positionOf(id), (at) => (this.classIds[at] = classId));
  }

  setSplit(id: number, split: number): void {
    this.#change(this.positionOf(id), (at) => (this.splits[at] = split));
  }

  setRemoved(id: number, removed: boolean): void {
    this.#change(this.positionOf(id), (at) => (this.removed[at] = removed ? 1 : 0));
  }

  setExcluded(id: number, excluded: boolean): void {
    this.#change(this.positionOf(id), (at) => (this.excluded[at] = excluded ? 1 : 0));
  }

  setHard(id: number, hard: boolean): void {
    this.#change(this.positionOf(id), (at) => (this.hard[at] = hard ? 1 : 0));
  }

  /** Where the class that the source gave is no more. */
  setImportedClass(id: number, classId: number): void {
    this.#change(this.positionOf(id), (at) => (this.importedClassIds[at] = classId));
  }

  setName(id: number, name: string): void {
    this.#names[this.positionOf(id)] = name.toLowerCase();
    this.#nameRanks = null;
    this.version++;
  }

  setNote(id: number, note: string): void {
    const at = this.positionOf(id);
    if (note === '') this.#notes.delete(at);
    else this.#notes.set(at, note.toLowerCase());
    this.version++;
  }

  setDismissed(finding: string, itemId: number, dismissed: boolean): void {
    let ids = this.#dismissed.get(finding);
    if (!ids) this.#dismissed.set(finding, (ids = new Set()));
    if (dismissed) ids.add(itemId);
    else ids.delete(itemId);
    this.version++;
  }

  isDismissed(finding: string, itemId: number): boolean {
    return this.#dismissed.get(finding)?.has(itemId) ?? false;
  }

  setMap(kept: KeptMap | null): void {
    this.map.kept = kept;
    this.version++;
  }

  setFacts(kept: KeptFacts | null): void {
    this.facts.kept = kept;
    this.version++;
  }

  /** Changes one item; counts that are known follow, so that a label does not cost a look at every item. */
  #change(at: number, change: (at: number) => void): void {
    const known = this.#counts?.version === this.version ? this.#counts : null;
    if (known) this.#count(known, at, -1);
    change(at);
    if (known) this.#count(known, at, 1);
    this.version++;
    if (known) known.version = this.version;
  }

  /** Derived once, then kept with every change. Not to be written to. */
  counts(): Readonly<AllCounts> {
    if (this.#counts?.version === this.version) return this.#counts;
    const counts: AllCounts & { version: number } = {
      version: this.version,
      byClass: new Map(),
      all: noCounts(),
      relabelled: 0,
      unlabelled: 0,
      excluded: 0,
      fixed: 0,
      fixedIn: [0, 0, 0],
    };
    for (let at = 0; at < this.length; at++) this.#count(counts, at, 1);
    this.#counts = counts;
    return counts;
  }

  #count(counts: AllCounts, at: number, by: 1 | -1): void {
    if (this.removed[at]) return;
    const classId = this.classIds[at]!;
    if (this.fixed[at]) {
      counts.fixed += by;
      const kept = this.splits[at]!;
      if (kept !== noPart) counts.fixedIn[kept]! += by;
    }
    counts.all.total += by;
    if (this.#isRelabelled(at)) counts.relabelled += by;
    if (this.excluded[at]) counts.excluded += by;
    if (classId === unlabelled) {
      counts.unlabelled += by;
      return;
    }
    let ofClass = counts.byClass.get(classId);
    if (!ofClass) counts.byClass.set(classId, (ofClass = noCounts()));
    ofClass.total += by;
    const split = splitNames[this.partAt(at)];
    if (split === undefined) return;
    ofClass[split] += by;
    counts.all[split] += by;
  }

  #isRelabelled(at: number): boolean {
    const imported = this.importedClassIds[at]!;
    return imported !== unlabelled && imported !== this.classIds[at];
  }

  /** The part that an item is in, as its index in `splitNames`; `noPart` where it is in none. */
  partAt(at: number): number {
    return this.classIds[at] === unlabelled || this.excluded[at] ? noPart : this.splits[at]!;
  }

  /** Positions of the items of one split, ascending. */
  ofSplit(split: Split): Positions {
    return this.matching({ splits: [split] });
  }

  #valueOf(by: ItemOrder): (at: number) => number {
    if (by === 'class') return (at) => (this.classIds[at] === unlabelled ? NaN : this.classIds[at]!);
    if (by === 'name') {
      const ranks = (this.#nameRanks ??= ranksOf(this.#names));
      return (at) => ranks[at]!;
    }
    if (by === 'part') return (at) => (this.partAt(at) === noPart ? NaN : this.partAt(at));
    const fact = imageFactKeys.find((key) => key === by);
    const valueOf = fact ? this.facts.valueOf(fact) : () => NaN;
    return (at) => valueOf(this.ids[at]!);
  }

  /**
   * Positions of the items that a filter lets through, ascending or as it sorts them; kept until something changes.
   * @param behind the items behind the filter's cells, where it has some; `key` names the evaluation
   */
  matching(filter: ItemFilter, behind?: BehindCells | null): Positions {
    const key = JSON.stringify([filter, behind?.key]);
    const kept = this.#lists.get(key);
    if (kept?.version === this.version) return kept.positions;

    const splits = filter.splits && new Set(filter.splits.map((split) => splitNames.indexOf(split)));
    const classes = filter.classIds && new Set(filter.classIds.map((id) => id ?? unlabelled));
    const within = filter.region && this.map.within(filter.region);
    const inRanges = filter.facts && this.facts.within(filter.facts);
    const [text, note] = [filter.text?.toLowerCase() ?? '', filter.note?.toLowerCase() ?? ''];
    const found = new Int32Array(this.length);
    let count = 0;
    for (let at = 0; at < this.length; at++) {
      if (this.removed[at]) continue;
      if (splits && !splits.has(this.partAt(at))) continue;
      if (classes && !classes.has(this.classIds[at]!)) continue;
      if (filter.relabelled !== undefined && filter.relabelled !== this.#isRelabelled(at)) continue;
      if (filter.excluded !== undefined && filter.excluded !== (this.excluded[at] === 1)) continue;
      if (filter.hard !== undefined && filter.hard !== (this.hard[at] === 1)) continue;
      if (behind && !behind.itemIds.has(this.ids[at]!)) continue;
      if (within && !within(this.ids[at]!)) continue;
      if (inRanges && !inRanges(this.ids[at]!)) continue;
      if (text && !this.#names[at]!.includes(text)) continue;
      if (filter.noted !== undefined && filter.noted !== this.#notes.has(at)) continue;
      if (note && !this.#notes.get(at)?.includes(note)) continue;
      found[count++] = at;
    }
    const positions = found.slice(0, count);
    if (filter.sort) sortByNumber(positions, this.#valueOf(filter.sort.by), filter.sort.descending);
    if (this.#lists.size > 20) this.#lists.clear();
    this.#lists.set(key, { version: this.version, positions });
    return positions;
  }
}
