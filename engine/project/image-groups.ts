/**
 * Which images of a project belong together, as a worker found it last: kept in one row, so that every draw, cross-validation and
 * search to come goes by the same groups. A row that cannot be read counts as none, and groups are then found anew.
 */
import * as z from 'zod';
import { alikeReasons, GroupBy, type GroupFacts, type LookAlike, type Separated } from '#contract/splits.ts';
import { append } from '#learning/grouped.ts';
import type { Columns } from './columns.ts';
import type { Connection } from './connection.ts';
import { jsonOf } from './damaged.ts';
import { type Database, row } from './database.ts';

const KeptFacts = z.object({
  by: GroupBy,
  at: z.string(),
  seenBy: z.enum(['pictures', 'pictures and embeddings']),
  lastItemId: z.int(),
  unmatched: z.int(),
});
const Pairs = z.array(
  z.tuple([
    z.int(),
    z.int(),
    z
      .int()
      .min(0)
      .max(alikeReasons.length - 1),
    z.number(),
  ]),
);
const Keys = z.array(z.tuple([z.int(), z.string()]));

/** As a worker finds them. */
export interface FoundGroups extends z.infer<typeof KeptFacts> {
  /** [item, group] of each image that has others in its group. */
  members: [itemId: number, group: number][];
  pairs: LookAlike[];
  /** Of each image, where groups are by a column of a table. */
  keys: [itemId: number, key: string][];
}

/** What is told of the largest groups. */
const largestTold = 12;
const imagesTold = 8;

/** The row as it stands in a database; null where there is none that can be read. */
export function readGroups(database: Database): FoundGroups | null {
  const found = row<{ facts: unknown; members: unknown; pairs: unknown; keys: unknown }>(
    database,
    'SELECT facts, members, pairs, keys FROM image_groups WHERE id = 1',
  );
  if (!found || !(found.members instanceof Uint8Array) || found.members.length % 8 !== 0) return null;
  try {
    const facts = KeptFacts.parse(jsonOf(found.facts as string));
    const pairs = Pairs.parse(jsonOf(found.pairs as string)).map(([a, b, reason, similarity]): LookAlike => ({
      ...{ a, b, reason: alikeReasons[reason]!, similarity },
    }));
    const keys = Keys.parse(jsonOf(found.keys as string));
    return { ...facts, members: pairsOfBytes(found.members), pairs, keys };
  } catch {
    return null;
  }
}

/** The groups alone, without what else is kept of them: a label must not wait for it. */
export function readMembers(database: Database): [itemId: number, group: number][] {
  const members = row<{ members: unknown }>(
    database,
    'SELECT members FROM image_groups WHERE id = 1',
  )?.members;
  return members instanceof Uint8Array && members.length % 8 === 0 ? pairsOfBytes(members) : [];
}

/** [n, 2] as they are kept. */
export function bytesOfPairs(pairs: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = new Uint8Array(8 * pairs.length);
  const view = new DataView(bytes.buffer);
  pairs.forEach(([first, second], at) => {
    view.setInt32(8 * at, first, true);
    view.setInt32(8 * at + 4, second, true);
  });
  return bytes;
}

export function pairsOfBytes(bytes: Uint8Array): [number, number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, at): [number, number] => [
    view.getInt32(8 * at, true),
    view.getInt32(8 * at + 4, true),
  ]);
}

export class ImageGroups {
  /** undefined: not read yet. */
  #known: FoundGroups | null | undefined;
  #groupOf: Map<number, number> | null = null;

  constructor(
    private readonly connection: Pick<Connection, 'database' | 'change'>,
    private readonly columns: Columns,
  ) {}

  /** null where groups were never looked for. Not to be written to. */
  get found(): Readonly<FoundGroups> | null {
    if (this.#known === undefined) this.#known = readGroups(this.connection.database);
    return this.#known;
  }

  /** The group of each image that has others in it. */
  get groupOf(): ReadonlyMap<number, number> {
    return (this.#groupOf ??= new Map(this.found?.members));
  }

  /** Images that came after groups were found. */
  get later(): number {
    const { found, columns } = this;
    if (!found) return 0;
    let count = 0;
    for (let at = columns.length - 1; at >= 0 && columns.ids[at]! > found.lastItemId; at -= 1)
      if (!columns.removed[at]) count += 1;
    return count;
  }

  /** In the place of those that were known. */
  async keep(groups: FoundGroups): Promise<void> {
    const { members, pairs, keys, ...facts } = groups;
    await this.connection.change((database) =>
      database
        .prepare(
          'INSERT OR REPLACE INTO image_groups (id, facts, members, pairs, keys) VALUES (1, ?, ?, ?, ?)',
        )
        .run(
          JSON.stringify(facts),
          bytesOfPairs(members),
          JSON.stringify(
            pairs.map(({ a, b, reason, similarity }) => [a, b, alikeReasons.indexOf(reason), similarity]),
          ),
          JSON.stringify(keys),
        ),
    );
    this.#known = groups;
    this.#groupOf = null;
  }

  facts(): GroupFacts | null {
    const { found, columns } = this;
    if (!found) return null;
    const there = (itemId: number) => {
      const at = columns.positionOf(itemId);
      return at >= 0 && !columns.removed[at];
    };
    const groups = new Map<number, number[]>();
    for (const [itemId, group] of found.members) if (there(itemId)) append(groups, group, itemId);
    const several = [...groups.values()].filter(({ length }) => length > 1);
    several.sort((a, b) => b.length - a.length || a[0]! - b[0]!);
    const { by, at, seenBy, unmatched } = found;
    return {
      ...{ by, at, seenBy, unmatched, later: this.later },
      groups: several.length,
      images: several.reduce((sum, { length }) => sum + length, 0),
      pairs: found.pairs.length,
      largest: several.slice(0, largestTold).map((itemIds) => ({
        ...{ images: itemIds.length, itemIds: itemIds.slice(0, imagesTold) },
      })),
    };
  }

  /**
   * Look-alikes on two sides; null where groups are not known.
   * @param sideOf an item's side; null where it is on none
   * @param judged whether an image counts that has a look-alike on another side
   */
  separated(
    sideOf: (itemId: number) => number | null,
    most: number,
    judged: (side: number) => boolean = () => true,
  ): Omit<Separated, 'images'> | null {
    if (!this.found) return null;
    const leaked = new Set<number>();
    const pairs = this.found.pairs.filter(({ a, b }) => {
      const [first, second] = [sideOf(a), sideOf(b)];
      if (first === null || second === null || first === second) return false;
      if (judged(first)) leaked.add(a);
      if (judged(second)) leaked.add(b);
      return true;
    });
    pairs.sort((p, q) => q.similarity - p.similarity || p.a - q.a || p.b - q.b);
    return { leaked: leaked.size, count: pairs.length, pairs: pairs.slice(0, most) };
  }
}
