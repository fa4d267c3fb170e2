/**
 * Which folders give the part (train, validation, test), with class folders below them. A name alone decides nothing: a
 * class may be called "train". What the classes are is left to class-level.ts.
 */
import { type ImportOptions, type ImportSplit, importSplits } from '#contract/import.ts';
import { childrenOf, type Folder, folderAt, isLeaf, mainChildren } from './folder-tree.ts';
import { isHolder, isLabels, readPart } from '../part-names.ts';

export type Meaning = NonNullable<ImportOptions['parts']>[string];

/** What a person said of a folder, by its path within the source (`/a/b` or `a/b`) or by its name. */
export type Said = (steps: readonly string[]) => Meaning | undefined;

export const saidIn =
  ({ parts }: ImportOptions): Said =>
  (steps) => {
    if (!parts) return undefined;
    const path = steps.join('/');
    const keys = [`/${path}`, path, steps[steps.length - 1]!];
    const key = keys.find((known) => Object.hasOwn(parts, known));
    return key === undefined ? undefined : parts[key];
  };

/** A folder all of whose images are of one part; the class folders lie in it. */
export interface PartRoot {
  steps: readonly string[];
  part: ImportSplit;
}

export interface PartFolders {
  roots: PartRoot[];
  /** Folders that give a part, as they are named. */
  named: { steps: readonly string[]; part: ImportSplit }[];
  /** Folders beside those, whose part is not known: they are skipped. */
  unknown: Folder[];
  /** Folders above them that are named like a part and are none. */
  above: readonly string[][];
}

interface Rules {
  said: Said;
  /** Takes the first folders that are named like parts, whatever lies around them. */
  forced: boolean;
  /** Level of the class folders where it was said: parts lie above it. */
  classLevel?: number | undefined;
}

/** Folders that give parts by what lies around them or by what was said; with `forced` else by their names alone. */
export const findPartFolders = (root: Folder, rules: Rules): PartFolders | null =>
  partFolders(root, { ...rules, forced: false }) ?? (rules.forced ? partFolders(root, rules) : null);

/** null where no folders give parts, or those that do hold the lesser share of the images. */
function partFolders(root: Folder, rules: Rules): PartFolders | null {
  const found: PartFolders = { roots: [], named: [], unknown: [], above: [] };
  const above: string[][] = [];
  let covered = 0;
  const search = (folder: Folder): void => {
    const divided = divide(folder, rules, rules.forced);
    if (!divided) {
      for (const child of childrenOf(folder)) search(child);
      return;
    }
    covered += folder.total;
    for (let depth = 1; depth <= folder.steps.length; depth++) {
      const name = folder.steps[depth - 1]!;
      if (readPart(name)?.rest === '' && rules.said(folder.steps.slice(0, depth)) !== 'class')
        above.push([...folder.steps.slice(0, depth)]);
    }
    take(divided);
  };
  const take = ({ parts, unknown }: Divided): void => {
    found.unknown.push(...unknown);
    for (const [child, part] of parts) {
      const inside = strip(child, part, rules.said);
      const again = divide(inside, rules, false);
      found.named.push({ steps: child.steps, part });
      if (again) take(again);
      else found.roots.push({ steps: inside.steps, part });
    }
  };
  search(root);
  if (found.roots.length === 0) return null;
  found.roots = pastHolders(root, found.roots);
  found.named.sort((a, b) => importSplits.indexOf(a.part) - importSplits.indexOf(b.part));
  const asked = rules.forced || found.named.some(({ steps }) => rules.said(steps) !== undefined);
  return asked || covered * 2 > root.total ? { ...found, above } : null;
}

interface Divided {
  parts: Map<Folder, ImportSplit>;
  unknown: Folder[];
}

/** The children that are parts, and the others; null where the folder is not divided into parts. */
function divide(folder: Folder, { said, classLevel }: Rules, forced: boolean): Divided | null {
  if (classLevel !== undefined && folder.steps.length + 1 >= classLevel) return null;
  const children = childrenOf(folder);
  const parts = partsAmong(children, said);
  if (parts.size === 0) return null;
  const unknown = children.filter((child) => !parts.has(child));
  const asked = [...parts.keys()].some(({ steps }) => said(steps) !== undefined);
  if (asked || forced) return { parts, unknown };

  const withClasses = [...parts].filter(([child, part]) => classFolders(child, part, said).length > 0);
  if (withClasses.length === 0) return null;
  if (new Set(parts.values()).size > 1) return { parts, unknown };
  // One part only: the others are strays, or parts under another name, which hold the same classes.
  const classes = new Set(withClasses.flatMap(([child, part]) => classFolders(child, part, said)));
  const beside = unknown.filter((child) => !isStray(child, folder));
  const like = beside.every((child) => {
    const own = classFolders(child, null, said);
    return own.length > 0 && own.filter((name) => classes.has(name)).length * 2 >= own.length;
  });
  return like ? { parts, unknown } : null;
}

const isStray = (child: Folder, folder: Folder) => isLeaf(child) && child.total * 4 <= folder.total;

/**
 * Folders that are named like parts. Where a name says something else too, as flowers_train does, another part must
 * say the same: test_tube is no part beside test_strip.
 */
export function partsAmong(folders: readonly Folder[], said: Said): Map<Folder, ImportSplit> {
  const readings = folders.map((folder) => {
    const meaning = said(folder.steps);
    if (meaning === 'class' || meaning === 'skip' || meaning === 'unlabelled') return null;
    return meaning ? { part: meaning, rest: '' } : readPart(folder.name);
  });
  const parts = new Map<Folder, ImportSplit>();
  folders.forEach((folder, at) => {
    const reading = readings[at];
    if (!reading) return;
    const { part, rest } = reading;
    if (rest === '' || readings.some((other) => other && other.rest === rest && other.part !== part))
      parts.set(folder, part);
  });
  return parts;
}

/** Past folders that hold one other of the same meaning: train/train, train/images. */
function strip(folder: Folder, part: ImportSplit | null, said: Said): Folder {
  let here = folder;
  for (;;) {
    const [only, ...others] = mainChildren(here);
    if (!only || others.length > 0 || isLeaf(only)) return here;
    const meaning = said(only.steps);
    if (meaning !== undefined && meaning !== part) return here;
    const reading = readPart(only.name);
    const same = meaning === part || (reading?.rest === '' && reading.part === part);
    if (!same && only.name !== here.name && !isHolder(only.name)) return here;
    here = only;
  }
}

/** A part whose only folder is images/ holds images of no class there, unless another part has a class of that name. */
function pastHolders(tree: Folder, roots: readonly PartRoot[]): PartRoot[] {
  const classesOf = ({ steps }: PartRoot) => childrenOf(folderAt(tree, steps));
  return roots.map((root) => {
    const [only, ...others] = classesOf(root);
    if (!only || others.length > 0 || !isLeaf(only) || !isHolder(only.name)) return root;
    const elsewhere = roots.some((other) => {
      const classes = classesOf(other);
      return classes.length > 1 && classes.some(({ name }) => name === only.name);
    });
    return elsewhere ? root : { ...root, steps: only.steps };
  });
}

/** Names of the folders below a part that may be classes. */
function classFolders(folder: Folder, part: ImportSplit | null, said: Said): string[] {
  const inside = strip(folder, part, said);
  return childrenOf(inside).flatMap((child) => {
    if (isHolder(child.name) || isLabels(child.name)) return [];
    const reading = readPart(child.name);
    // cars_train/cars_train: the part once more.
    if (reading && isLeaf(child) && child.name === inside.name) return [];
    if (reading?.rest !== '') return [child.name];
    // A part within a part counts by what it holds.
    return classFolders(child, reading.part, said);
  });
}
