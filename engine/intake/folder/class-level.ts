/**
 * Which level of folders gives the classes. The rule: the folders that hold the images, unless their names only count
 * (session1, session2; 40X, 100X) or only share out (fold1, fold2) and another level has names of its own. What lies deeper than
 * the shallowest such folder belongs to the class above it.
 */
import { childrenOf, type Folder, holdsImages, mainChildren, unwrap } from './folder-tree.ts';
import { partsAmong, type Said } from './part-folders.ts';
import { countingPattern, isCollection, isHolder, isLabels } from '../part-names.ts';

export interface ClassLevel {
  /** Names of the folders above, from the root of the tree, that only wrap. */
  wrappers: readonly string[];
  /** Which folder gives the class, from 1, counted from the root of the tree; 0 where none does. */
  level: number;
  /** True where the folder below the class gives the part. */
  partsBelow: boolean;
  /** True where the classes' names only count with a word before the number, as session1 does. */
  counts: boolean;
  /** Levels that could be the classes, `level` among them. */
  candidates: { level: number; names: string[] }[];
}

/** @param lookForParts false where folders above have given the parts */
export function findClassLevel(tree: Folder, lookForParts: boolean, said: Said): ClassLevel {
  const node = unwrap(tree);
  const wrappers = node.steps;
  const main = mainChildren(node);
  const [only] = main;
  if (!only || (main.length === 1 && (isHolder(only.name) || isLabels(only.name))))
    return { wrappers, level: 0, partsBelow: false, counts: false, candidates: [] };

  const levels: Folder[][] = [main];
  for (;;) {
    const deepest = levels[levels.length - 1]!;
    if (lookForParts && haveParts(deepest, said))
      return {
        wrappers,
        level: wrappers.length + levels.length,
        partsBelow: true,
        counts: false,
        candidates: [],
      };
    if (deepest.some(holdsImages)) break;
    levels.push(deepest.flatMap(mainChildren));
  }
  // Parts without class folders in them: nothing says which class an image is of.
  const repeats = (folders: readonly Folder[]) => folders.every(({ name, steps }) => name === steps.at(-2));
  const saysNothing = (below: readonly Folder[]) => worthOf(below) === 0 || repeats(below);
  if (lookForParts && arePartsAlone(main, said) && levels.slice(1).every(saysNothing))
    return { wrappers, level: 0, partsBelow: false, counts: false, candidates: [] };

  const candidates = levels
    .map((folders, at) => ({
      level: wrappers.length + at + 1,
      names: namesOf(folders),
      worth: worthOf(folders),
    }))
    .filter(({ names, worth }) => worth > 0 && (names.length > 1 || levels.length === 1));
  const best = candidates.reduceRight<(typeof candidates)[number] | null>(
    (best, one) => (best === null || one.worth > best.worth ? one : best),
    null,
  );
  const level = best?.level ?? wrappers.length + 1;
  return {
    wrappers,
    level,
    partsBelow: false,
    counts: best !== null && best.worth < 3 && best.names.every((name) => countingPattern(name) !== '#'),
    candidates: candidates.map(({ level, names }) => ({ level, names })),
  };
}

const namesOf = (folders: readonly Folder[]) => [...new Set(folders.map(({ name }) => name))];

/** 3: names of their own; 2: they only count; 1: they only share out; 0: they say nothing of a class. */
function worthOf(folders: readonly Folder[]): 0 | 1 | 2 | 3 {
  if (folders.every(({ name }) => isHolder(name) || isLabels(name))) return 0;
  if (folders.every(({ name }) => isCollection(name))) return 1;
  const patterns = new Map<string, Set<string | null>>();
  for (const { name, steps } of folders) {
    const parent = steps.slice(0, -1).join('/');
    patterns.set(parent, (patterns.get(parent) ?? new Set()).add(countingPattern(name)));
  }
  return [...patterns.values()].every((of) => of.size === 1 && !of.has(null)) ? 2 : 3;
}

/** Whether most of what lies in these folders lies in folders named like parts: cats/train, cats/test. */
function haveParts(folders: readonly Folder[], said: Said): boolean {
  let inParts = 0;
  let total = 0;
  const parts = new Set<string>();
  let others = 0;
  for (const folder of folders) {
    total += folder.total;
    const children = childrenOf(folder);
    const among = partsAmong(children, said);
    others += children.length - among.size;
    for (const [child, part] of among) {
      inParts += child.total;
      parts.add(part);
    }
  }
  return inParts * 2 > total && (parts.size > 1 || others === 0);
}

const arePartsAlone = (folders: readonly Folder[], said: Said): boolean => {
  const parts = partsAmong(folders, said);
  return parts.size === folders.length && (folders.length === 1 || new Set(parts.values()).size > 1);
};
