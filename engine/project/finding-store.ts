/**
 * The findings that a project keeps, as of now: how many of each are left once labels, exclusions and parts are looked at
 * again, and which images they name. Computing them is jobs/findings.ts; the file is whole or not there.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddingSource } from '#contract/embedding-source.ts';
import { type FindingEntry, type FindingKind, type Findings, StoredFindings } from '#contract/findings.ts';
import type { Item, ItemFilter } from '#contract/project.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import type { BehindCells, Columns } from './columns.ts';
import { noPart } from './database-problems.ts';
import { migrateFindings } from './finding-migration.ts';
import { journalMark } from './journal.ts';
import { itemsInOrder } from './ordered-items.ts';
import type { OpenProject } from './project.ts';

/** In the folder of a project. */
export const findingsFile = 'findings.json';

export class FindingStore {
  /** undefined while it was not read yet. */
  #stored: Promise<StoredFindings | null> | undefined;
  #left: { version: number; of: StoredFindings; byKind: Map<FindingKind, number> } | null = null;

  constructor(private readonly project: OpenProject) {}

  get #path(): string {
    return join(this.project.path, findingsFile);
  }

  /** Puts these in the place of those before. @throws DISK_FULL, FILE_NOT_WRITABLE, and why the project cannot be written to */
  async keep(findings: StoredFindings): Promise<void> {
    this.project.requireWritable();
    await writeDurably(this.#path, Buffer.from(JSON.stringify(findings)));
    this.#stored = Promise.resolve(findings);
  }

  /** null where there are none, or what is kept cannot be read: then they are computed anew. */
  stored(): Promise<StoredFindings | null> {
    this.#stored ??= readFile(this.#path, 'utf8')
      .then((text) => StoredFindings.parse(migrateFindings(JSON.parse(text))))
      .catch(() => null);
    return this.#stored;
  }

  /** @param embeddedBy what computes the project's embeddings now */
  async get(embeddedBy: EmbeddingSource | null): Promise<Findings | null> {
    const stored = await this.stored();
    if (!stored) return null;
    const { columns } = this.project;
    const { kinds, change, lastItemId, ...about } = stored;
    const { computedAt, images, unreadable, embedded, labelEvidence, audit } = about;
    const left = this.#leftOf(stored);
    let newImages = 0;
    for (let at = columns.length - 1; at >= 0 && columns.ids[at]! > lastItemId; at -= 1)
      if (!columns.removed[at]) newImages += 1;
    return {
      ...{ computedAt, images, unreadable, embedded, embeddedBy: about.embeddedBy, labelEvidence, audit },
      changedSince: this.project.read(journalMark) !== change,
      otherEmbeddings: !isSame(about.embeddedBy, embeddedBy),
      newImages,
      kinds: kinds.map(({ entries, ...kind }) => ({
        ...kind,
        entries: entries.length,
        left: left.get(kind.kind)!,
      })),
    };
  }

  async entries(kind: FindingKind): Promise<FindingEntry[]> {
    const stored = await this.stored();
    return stored?.kinds.find((each) => each.kind === kind)?.entries ?? [];
  }

  /** Those with which nothing was done yet. */
  async left(kind: FindingKind): Promise<FindingEntry[]> {
    const { columns } = this.project;
    return (await this.entries(kind)).filter((entry) => isLeft(columns, kind, entry));
  }

  /** A window on the images of the filter's finding, in its order; the filter's other conditions hold too. */
  async list(
    { finding, ...others }: ItemFilter & { finding: FindingKind },
    offset: number,
    limit: number,
    behind: BehindCells | null,
  ): Promise<{ total: number; items: Item[] }> {
    const order = (await this.entries(finding)).flatMap(({ itemIds }) => itemIds);
    return itemsInOrder(this.project, order, { filter: others, offset, limit, behind });
  }

  #leftOf(stored: StoredFindings): Map<FindingKind, number> {
    const { columns } = this.project;
    if (this.#left?.of === stored && this.#left.version === columns.version) return this.#left.byKind;
    const byKind = new Map(
      stored.kinds.map(({ kind, entries }) => [
        kind,
        entries.filter((entry) => isLeft(columns, kind, entry)).length,
      ]),
    );
    this.#left = { version: columns.version, of: stored, byKind };
    return byKind;
  }
}

/** Where either is not known there is nothing to say. */
const isSame = (then: EmbeddingSource | null, now: EmbeddingSource | null): boolean =>
  then === null || now === null || JSON.stringify(then) === JSON.stringify(now);

/** A copy that came later has not been looked at. */
const isDismissed = (columns: Columns, kind: FindingKind, itemIds: readonly number[]): boolean =>
  itemIds.length > 0 && itemIds.every((itemId) => columns.isDismissed(kind, itemId));

/** Whether nothing was done about it yet. */
function isLeft(columns: Columns, kind: FindingKind, entry: FindingEntry): boolean {
  const there = entry.itemIds
    .map((itemId) => columns.positionOf(itemId))
    .filter((at) => at >= 0 && !columns.removed[at] && !columns.excluded[at]);
  switch (entry.measured) {
    case 'label':
      return there.some((at) => columns.classIds[at] === entry.given && !columns.hard[at]);
    case 'cluster': {
      if (isDismissed(columns, kind, entry.itemIds)) return false;
      if (kind !== 'leaks') return there.length > 1;
      return new Set(there.map((at) => columns.partAt(at)).filter((part) => part !== noPart)).size > 1;
    }
    case 'image':
    case 'shortcut':
      return there.length > 0 && !isDismissed(columns, kind, entry.itemIds);
    case 'class':
    case 'augmentation':
      return !isDismissed(columns, kind, entry.itemIds);
    default:
      return entry satisfies never;
  }
}
