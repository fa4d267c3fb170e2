/** In one or a few sentences: what the folders were taken to mean, or why they give no classes and what to do. */
import type { FileNames, Outcome } from './layout-outcome.ts';
import { readPart } from '../part-names.ts';

const namesShown = 4;
const partName = { pool: 'training', train: 'training', validation: 'validation', test: 'test' } as const;

/** "a, b and c"; "a, b, c, d and 6 more". */
export function list(names: readonly string[], shown = namesShown): string {
  const some = names.slice(0, names.length > shown + 1 ? shown : names.length);
  const rest = names.length - some.length;
  const all = rest > 0 ? [...some, `${rest.toLocaleString('en')} more`] : some;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all[all.length - 1]}`;
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

const last = (steps: readonly string[]) => steps[steps.length - 1]!;

/** Names of the folders that give the parts. */
const partFoldersOf = ({ decision, images, names }: Outcome): string[] => {
  const { layout, parts, classLevel } = decision;
  if (layout === 'part-class') return [...new Set((parts?.named ?? []).map(({ steps }) => last(steps)))];
  const below = images.map(({ index }) => names.images[index]!.split('/').slice(0, -1)[classLevel ?? 0]);
  return [...new Set(below.filter((name) => name !== undefined))];
};

export function statementOf(outcome: Outcome): string {
  const { decision, images, classes: found } = outcome;
  if (images.length === 0) return withoutClasses(outcome);
  const classes = counted(found.length, 'class', 'classes');
  return [classesIn(outcome, classes), wholeIn(outcome), unlabelledIn(outcome), drawnIn(outcome)]
    .filter(Boolean)
    .join(' ');

  function classesIn(of: Outcome, howMany: string): string {
    const level = decision.classLevel === null ? '' : ` (folder level ${decision.classLevel})`;
    switch (decision.layout) {
      case 'one-class':
        return `All images are of one class, ${images[0]!.className}, as you said.`;
      case 'unlabelled':
        return withoutClass(of);
      case 'part-class': {
        const folders = partFoldersOf(of);
        const give = folders.length === 1 ? 'folder' : 'folders';
        return `The ${give} ${list(folders)} ${folders.length === 1 ? 'gives' : 'give'} the parts, the folders in ${folders.length === 1 ? 'it' : 'them'} the classes${level}: ${howMany}.`;
      }
      case 'class-part':
        return `The folders at level ${decision.classLevel ?? 1} are the classes, the folders ${list(partFoldersOf(of))} in them give the parts: ${howMany}.`;
      default: {
        const wrappers = decision.level?.wrappers ?? [];
        const within = wrappers.length > 0 ? ` in ${wrappers.join('/')}` : '';
        return `Each folder${within} is a class${level}: ${howMany}.`;
      }
    }
  }
}

function wholeIn({ decision: { own, all } }: Outcome): string {
  if (all !== null) {
    return all === 'pool'
      ? 'All of it is training data, as you said.'
      : `All of it is the ${partName[all]} part, as you said.`;
  }
  return own ? `All of it is the ${partName[own.part]} part, since the folder is called ${own.name}.` : '';
}

/** Why all images are unlabelled, and which parts they are in. */
function withoutClass(outcome: Outcome): string {
  const { names, images, options } = outcome;
  const what = counted(images.length, 'image');
  const parts = [
    ...new Set(images.map(({ index }) => last(['', ...names.images[index]!.split('/').slice(0, -1)]))),
  ].filter((name) => readPart(name) !== null);
  const give =
    parts.length === 0 || outcome.decision.all !== null || outcome.decision.own !== null
      ? ''
      : ` The ${parts.length === 1 ? 'folder' : 'folders'} ${list(parts)} ${parts.length === 1 ? 'gives' : 'give'} the parts.`;
  if (options.layout === 'unlabelled') return `All ${what} are unlabelled, as you said.${give}`;
  return `No folder gives a class, so the ${what} are unlabelled: label them after the import.${give}${beginningsIn(names.images)} If they have classes, put the images of each class into a folder of its own, or list them in a table with the columns path and label.`;
}

/** Beside images that have a class. */
function unlabelledIn({ decision: { layout }, images }: Outcome): string {
  const without = images.filter(({ className }) => className === null).length;
  if (layout === 'unlabelled' || without === 0) return '';
  return `${counted(without, 'image')} in no class folder ${without === 1 ? 'is' : 'are'} unlabelled, as you said.`;
}

/** What splits.ts will draw from the training images. */
function drawnIn({ images: all }: Outcome): string {
  const images = all.filter(({ className }) => className !== null);
  const has = (part: string) => images.some((image) => image.part === part);
  const missing = (['validation', 'test'] as const).filter((part) => !has(part));
  if (!has('pool') || missing.length === 0) return '';
  return `The ${missing.join(' and ')} ${missing.length === 1 ? 'part is' : 'parts are'} drawn from the training images.`;
}

function withoutClasses(outcome: Outcome): string {
  const { names, decision, skipped, options } = outcome;
  if (names.images.length === 0) return 'No image was found. Choose the folder that contains the images.';
  const detection = detectionSet(names);
  if (detection !== null)
    return `${detection} To give each whole image a class here, choose the layout “unlabelled”.`;
  const how =
    'Put the images of each class into a folder of its own, or list them in a table with the columns path and label.';
  if (options.classLevel !== undefined)
    return `No image lies in a folder at level ${options.classLevel}, which was said to be the class level. Say another one.`;
  const folders = [...new Set(names.images.map((name) => name.split('/').slice(0, -1).join('/')))];
  if (decision.layout === 'part-class')
    return `The folders ${list(partFoldersOf(outcome))} give the parts, but no folder in them gives a class. ${how} ${orUnlabelled}`;
  const parts = folders.map((folder) => folder.slice(folder.lastIndexOf('/') + 1));
  if (parts.length > 1 && parts.every((name) => readPart(name) !== null))
    return `The folders ${list(folders)} look like parts of a data set, but no folder gives a class. ${how} ${orUnlabelled}`;
  const flat =
    folders.length === 1 && folders[0] === '' ? 'lie directly in the folder' : 'lie in no class folder';
  const count = counted(skipped.length, 'image');
  return `${count} ${flat}, so nothing says of which class they are.${beginningsIn(names.images)} ${how} ${orUnlabelled}`;
}

const orUnlabelled = 'To label them here, choose the layout “unlabelled”.';

function beginningsIn(images: readonly string[]): string {
  const beginnings = beginningsOf(images);
  return beginnings.length > 0
    ? ` Their names begin with ${list(beginnings)}, which is not taken for a class.`
    : '';
}

/** What files' names begin with before a number, where a few beginnings explain all names: cat_0.png, dog.12.jpg. */
function beginningsOf(images: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of images) {
    const begin = /^(\p{L}[^\d/]*?)[-_. ]*\d+\.[^.]*$/u.exec(name.slice(name.lastIndexOf('/') + 1))?.[1];
    if (begin === undefined) return [];
    found.add(begin);
    if (found.size > 20) return [];
  }
  return found.size > 1 ? [...found] : [];
}

const stem = (name: string) => name.slice(name.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');

/** A sentence on what kind of detection set it looks like and by which file; null where it looks like none. */
export function detectionSet({ images, others }: FileNames): string | null {
  const found = yolo(images, others) ?? coco(others) ?? voc(others);
  return (
    found &&
    `It looks like a data set for detection (${found.kind}: ${found.file}). Boxes are not supported: Atelier learns one class for the whole image.`
  );
}

function yolo(images: readonly string[], others: readonly string[]) {
  const labels = others.filter((name) => /(^|\/)labels\/.*\.txt$/i.test(name));
  if (labels.length === 0) return null;
  const stems = new Set(images.map(stem));
  const file = labels.find((name) => stems.has(stem(name)));
  return file === undefined ? null : { kind: 'YOLO', file };
}

function coco(others: readonly string[]) {
  const file = others.find((name) =>
    /(^|\/)(annotations\/[^/]*|_annotations\.coco|instances[^/]*|person_keypoints[^/]*)\.json$/i.test(name),
  );
  return file === undefined ? null : { kind: 'COCO', file };
}

function voc(others: readonly string[]) {
  const file = others.find((name) => /(^|\/)annotations\/[^/]*\.xml$/i.test(name));
  return file === undefined ? null : { kind: 'Pascal VOC', file };
}
