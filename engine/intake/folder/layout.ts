/**
 * What the folders of a source mean: from the names of its images to classes and parts. A pure function, so that the plan
 * that is shown and the import that follows say the same. How parts are told is part-folders.ts, how the class level
 * is, class-level.ts; what looks odd about the outcome is layout-warnings.ts.
 */
import type { ImportOptions, ImportPlan, ImportWarning } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import { type ClassLevel, findClassLevel } from './class-level.ts';
import { detectionSet, statementOf } from './layout-statement.ts';
import { type Folder, folderAt, type Holding, treeOf } from './folder-tree.ts';
import { optionsOf } from './layout-options.ts';
import type { Decision, FileNames, PlacedImage } from './layout-outcome.ts';
import { warningsOf } from './layout-warnings.ts';
import { countClasses } from '../class-counts.ts';
import { type Place, placer, refusedName, startsWith, unlabelledPlacer } from './layout-place.ts';
import { findPartFolders, type PartFolders, type PartRoot, type Said, saidIn } from './part-folders.ts';
import { isHolder, isLabels, readPart } from '../part-names.ts';

interface Inferred {
  layout: ImportPlan['layout'];
  /** Folder that gives the class, from 1; null where no single level does. */
  classLevel: number | null;
  statement: string;
  images: PlacedImage[];
  classes: ImportPlan['classes'];
  unlabelled: ImportPlan['unlabelled'];
  skipped: SkippedFile[];
  warnings: ImportWarning[];
  options: ImportOptions;
}

interface FolderOfImages extends Holding {
  /** Indices of the images directly in it. */
  images: number[];
  /** Where its images go, once that is known; their part may be told later. */
  place: Place | 'unlabelled' | null;
}

/** All images of a folder have one place. */
function foldersOf(images: readonly string[]): FolderOfImages[] {
  const found = new Map<string, FolderOfImages>();
  images.forEach((name, index) => {
    const path = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    let folder = found.get(path);
    if (!folder)
      found.set(
        path,
        (folder = { steps: path === '' ? [] : path.split('/'), direct: 0, images: [], place: null }),
      );
    folder.direct++;
    folder.images.push(index);
  });
  return [...found.values()];
}

const skippedBySaying = 'Left out, as you said.';
const labelsBeside = 'Lies in a folder of masks or labels beside the images.';

/** @param options what a person said; what they left open is inferred */
export function inferLayout(names: FileNames, options: ImportOptions = {}): Inferred {
  const said = saidIn(options);
  const folders = foldersOf(names.images);
  for (const folder of folders) {
    const meaning = spokenOf(folder.steps, said);
    if (meaning === 'skip') folder.place = { reason: skippedBySaying };
    if (meaning === 'unlabelled') folder.place = 'unlabelled';
  }
  const open = () => folders.filter(({ place }) => place === null);
  const unskipped = folders.filter(({ place }) => place === null || place === 'unlabelled');
  for (const steps of labelFolders(treeOf(unskipped))) {
    if (said(steps) !== undefined) continue;
    for (const folder of unskipped)
      if (startsWith(folder.steps, steps) && !spokenOf(folder.steps, said, steps.length))
        folder.place = { reason: labelsBeside };
  }
  const tree = treeOf(open());
  let decision = decide(tree, names.chosen, options);
  let place = placer(decision, names.chosen, options);
  if (isLeftOpen(options) && givesNoClass(open(), place) && detectionSet(names) === null) {
    decision = decide(tree, names.chosen, { ...options, layout: 'unlabelled' });
    place = placer(decision, names.chosen, options);
  }
  const unlabelled = unlabelledPlacer(decision, options);
  const images: PlacedImage[] = [];
  const skipped: SkippedFile[] = [];
  for (const folder of folders) {
    const found =
      folder.place === 'unlabelled' ? unlabelled(folder.steps) : (folder.place ?? place(folder.steps));
    for (const index of folder.images) {
      if ('reason' in found) skipped.push({ path: names.images[index]!, reason: found.reason });
      else images.push({ index, ...found });
    }
  }
  // In the order of the files.
  images.sort((a, b) => a.index - b.index);
  const counts = countClasses(images);
  const outcome = { names, decision, images, ...counts, skipped, options };
  return {
    layout: decision.layout,
    classLevel: decision.classLevel,
    statement: statementOf(outcome),
    images,
    ...counts,
    skipped,
    warnings: warningsOf(outcome),
    // Where no folder gives a class there is nothing to say the same of.
    options:
      counts.classes.length > 0 || (decision.layout === 'unlabelled' && images.length > 0)
        ? optionsOf(decision, tree, treeOf(folders), options)
        : options,
  };
}

/** Whether a folder's images were said to be skipped or unlabelled: the deepest of the folders down to it speaks. */
function spokenOf(steps: readonly string[], said: Said, below = 0): 'skip' | 'unlabelled' | undefined {
  for (let at = steps.length; at > below; at--) {
    const meaning = said(steps.slice(0, at));
    if (meaning === 'skip' || meaning === 'unlabelled') return meaning;
  }
  return undefined;
}

/** Whether a person has left it open what the folders mean. */
const isLeftOpen = ({ layout = 'auto', classLevel, withoutClass }: ImportOptions) =>
  layout === 'auto' && classLevel === undefined && withoutClass !== 'skip';

/** Whether no image has a class; a name that cannot be a class's is the name of one all the same. */
const givesNoClass = (
  folders: readonly FolderOfImages[],
  place: (steps: readonly string[]) => Place,
): boolean =>
  folders.length > 0 &&
  folders.every(({ steps }) => {
    const found = place(steps);
    return 'reason' in found ? !found.reason.startsWith(refusedName) : found.className === null;
  });

function decide(tree: Folder, chosen: readonly string[], options: ImportOptions): Decision {
  const said = saidIn(options);
  const { classLevel } = options;
  const layout = options.layout === 'auto' ? undefined : options.layout;
  const own = options.part === undefined ? ownPart(chosen) : null;
  const all = options.part ?? null;
  const none = { classLevel: null, level: null, parts: null, own, all };
  if (layout === 'one-class' || layout === 'unlabelled') return { ...none, layout };

  const parts =
    layout === 'class' || layout === 'class-part'
      ? null
      : findPartFolders(tree, { said, forced: layout === 'part-class', classLevel });
  // Below every part the same classes are expected, so one level is found for all.
  const level = findClassLevel(
    parts ? treeOf(inRoots(tree, parts.roots)) : tree,
    !parts && layout !== 'class',
    said,
  );
  // cats/train/session1: what is below the parts only counts, what is above them has names.
  const above = new Set(parts?.named.map(({ steps }) => steps.slice(0, -1).join('/')));
  if (parts && layout === undefined && above.size > 1 && level.counts) {
    const whole = findClassLevel(tree, true, said);
    if (whole.partsBelow)
      return {
        layout: 'class-part',
        classLevel: classLevel ?? whole.level,
        level: whole,
        parts: null,
        own: null,
        all,
      };
  }
  const partsBelow = layout === 'class-part' || (!parts && level.partsBelow);
  return {
    layout: parts || layout === 'part-class' ? 'part-class' : partsBelow ? 'class-part' : 'class',
    classLevel: classLevel ?? absoluteLevel(level, parts),
    level,
    parts,
    own: parts || partsBelow ? null : own,
    all,
  };
}

/** The same level for all parts; null where they wrap their classes differently, or there is none. */
function absoluteLevel({ level }: ClassLevel, parts: PartFolders | null): number | null {
  if (level === 0) return null;
  if (!parts) return level;
  const depths = new Set(parts.roots.map(({ steps }) => steps.length));
  return depths.size === 1 ? [...depths][0]! + level : null;
}

/** The folders below the roots, as if all lay in one. */
function* inRoots(tree: Folder, roots: readonly PartRoot[]): Generator<Holding> {
  for (const { steps } of roots) yield* holdingIn(folderAt(tree, steps), steps.length);
}
function* holdingIn(folder: Folder, from: number): Generator<Holding> {
  if (folder.direct > 0) yield { steps: folder.steps.slice(from), direct: folder.direct };
  for (const child of folder.children.values()) yield* holdingIn(child, from);
}

/** Folders of masks or labels that lie beside a folder of images. */
function labelFolders(folder: Folder): (readonly string[])[] {
  const children = [...folder.children.values()];
  const beside = children.some(({ name }) => isHolder(name));
  return children.flatMap((child) => (beside && isLabels(child.name) ? [child.steps] : labelFolders(child)));
}

/** The part that the chosen folder is of itself: its name says so, or that of the folder around it, past images/. */
function ownPart(chosen: readonly string[]): Decision['own'] {
  for (let at = chosen.length - 1; at >= 0; at--) {
    const name = chosen[at]!;
    const reading = readPart(name);
    if (reading?.rest === '') return reading.part === 'pool' ? null : { part: reading.part, name };
    if (!isHolder(name)) return null;
  }
  return null;
}
