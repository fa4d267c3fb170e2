/** The folders that images lie in, as a tree with counts, and which of them are to be passed over as strays or wrappers. */
import { isSide } from '../part-names.ts';

export interface Folder {
  name: string;
  /** Names from the root of the tree to here. */
  steps: readonly string[];
  /** Images directly in here. */
  direct: number;
  /** Images in here and below. */
  total: number;
  children: Map<string, Folder>;
}

const empty = (name: string, steps: readonly string[]): Folder => ({
  name,
  steps,
  direct: 0,
  total: 0,
  children: new Map(),
});

/** A folder that holds images itself. */
export interface Holding {
  /** Names of the folders down to it, outermost first. */
  steps: readonly string[];
  /** Images directly in it. */
  direct: number;
}

export function treeOf(folders: Iterable<Holding>): Folder {
  const root = empty('', []);
  for (const { steps, direct } of folders) {
    let here = root;
    here.total += direct;
    for (const [depth, step] of steps.entries()) {
      let next = here.children.get(step);
      if (!next) here.children.set(step, (next = empty(step, steps.slice(0, depth + 1))));
      here = next;
      here.total += direct;
    }
    here.direct += direct;
  }
  return root;
}

/** The folder at the end of these names, which must be there. */
export const folderAt = (root: Folder, steps: readonly string[]): Folder =>
  steps.reduce((folder, step) => folder.children.get(step)!, root);

export const childrenOf = (folder: Folder): Folder[] => [...folder.children.values()];
export const isLeaf = (folder: Folder): boolean => folder.children.size === 0;

/** Images in folders that hold no other, one number a folder. */
function leafCounts(folder: Folder): number[] {
  return isLeaf(folder) ? [folder.total] : childrenOf(folder).flatMap(leafCounts);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * Children that count: beside folders that hold folders, one that holds a few images only is a stray, such as docs/
 * beside train/. A few: at most half of what a folder of the others usually holds, and all of them at most a quarter.
 */
export function mainChildren(folder: Folder): Folder[] {
  const children = childrenOf(folder);
  const inner = children.filter((child) => !isLeaf(child));
  if (inner.length === 0 || inner.length === children.length) return children;
  const usual = median(inner.flatMap(leafCounts));
  const strays = children.filter(
    (child) => isLeaf(child) && (isSide(child.name) || child.total <= Math.max(1, usual / 2)),
  );
  const lost = strays.reduce((sum, { total }) => sum + total, 0);
  return lost * 4 <= folder.total ? children.filter((child) => !strays.includes(child)) : children;
}

/** Whether a folder itself holds images to speak of, not just a stray picture beside its folders. */
export const holdsImages = (folder: Folder): boolean =>
  isLeaf(folder) ? folder.direct > 0 : folder.direct * 4 > folder.total;

/** The folder below which things differ: past folders that only wrap one other. Its own images are loose. */
export function unwrap(root: Folder): Folder {
  let here = root;
  for (;;) {
    const [only, ...others] = mainChildren(here);
    if (!only || others.length > 0 || isLeaf(only)) return here;
    const below = only.total - only.direct;
    const wraps = mainChildren(only).length > 1 ? below > only.direct : !holdsImages(only);
    if (!wraps) return here;
    here = only;
  }
}
