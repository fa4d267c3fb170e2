/**
 * Compares what a project has of a source with the files that are there now. By content first: an image that moved is
 * known by its bytes; then by name. Knows lists only; reading files is left to intake/rescan/compare-folder.ts.
 */
import type { ReadItem } from '../importer.ts';

/** An item of the source, removed or not. */
export interface KnownItem {
  id: number;
  name: string;
  /** Hexadecimal. */
  hash: string;
  /** Name of its class now; null where it is unlabelled. */
  className: string | null;
  removed: boolean;
}

/** A file that is there now. */
export type FoundFile = Pick<ReadItem, 'name' | 'className' | 'part' | 'hash'>;

export interface Changes {
  same: number;
  added: FoundFile[];
  changed: { item: KnownItem; file: FoundFile }[];
  moved: { item: KnownItem; file: FoundFile }[];
  gone: KnownItem[];
  /** Files of images that were removed from the project. */
  returned: { item: KnownItem; file: FoundFile }[];
}

/** Each file is told once, and each item that is not removed is told once or the same. */
export function compareSource(known: readonly KnownItem[], found: readonly FoundFile[]): Changes {
  const live = known.filter(({ removed }) => !removed);
  const byName = new Map(found.map((file) => [file.name, file]));
  const settled = new Set<FoundFile>();
  const displaced: KnownItem[] = [];
  for (const item of live) {
    const file = byName.get(item.name);
    if (file?.hash === item.hash) settled.add(file);
    else displaced.push(item);
  }
  const same = settled.size;

  const loose = new Map<string, FoundFile[]>();
  for (const file of [...found].reverse()) {
    if (settled.has(file)) continue;
    for (const key of keysOf(file)) {
      const alike = loose.get(key);
      if (alike) alike.push(file);
      else loose.set(key, [file]);
    }
  }
  /** A file of this content that no item has yet; one of its own name or class before another. */
  const take = (item: KnownItem): FoundFile | undefined => {
    for (const key of keysOf(item)) {
      const alike = loose.get(key) ?? [];
      while (alike.length > 0 && settled.has(alike.at(-1)!)) alike.pop();
      const file = alike.pop();
      if (!file) continue;
      settled.add(file);
      return file;
    }
    return undefined;
  };

  const moved: Changes['moved'] = [];
  const rest = displaced.filter((item) => {
    const file = take(item);
    if (file) moved.push({ item, file });
    return !file;
  });
  const changed: Changes['changed'] = [];
  const gone = rest.filter((item) => {
    const file = byName.get(item.name);
    if (!file || settled.has(file)) return true;
    settled.add(file);
    changed.push({ item, file });
    return false;
  });
  const returned: Changes['returned'] = [];
  // The one that was removed last has the labels that were given last.
  for (const item of known.filter(({ removed }) => removed).reverse()) {
    const file = take(item);
    if (file) returned.push({ item, file });
  }
  return { same, added: found.filter((file) => !settled.has(file)), changed, moved, gone, returned };
}

/** A file in no class folder says nothing of the class. */
export const saysAnotherClass = (item: KnownItem, file: FoundFile): boolean =>
  file.className !== null && file.className !== item.className;

/** How a file of the same content is looked for, the nearest first. */
const keysOf = ({ hash, name, className }: FoundFile | KnownItem): string[] => [
  JSON.stringify([hash, className, name]),
  JSON.stringify([hash, className]),
  hash,
];
