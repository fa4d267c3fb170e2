/** What looks odd about what the folders were taken for. A warning changes nothing; it says how to say otherwise. */
import type { ImportSplit, ImportPlan, ImportWarning } from '#contract/import.ts';
import { counted, detectionSet, list } from './layout-statement.ts';
import type { Outcome } from './layout-outcome.ts';
import { readPart } from '../part-names.ts';
import { countClasses } from '../class-counts.ts';

type Check = (outcome: Outcome) => string | null;
/** What is known of the images of any source. */
interface Placed {
  images: readonly { className: string | null; part: ImportSplit }[];
  classes: ImportPlan['classes'];
}

/** In the order in which they are told: what may make the outcome wrong first. */
const checks: [code: string, check: Check][] = [
  ['NO_TRAINING_IMAGES', noTraining],
  ['CLASS_WITHOUT_TRAINING', withoutTraining],
  ['ONE_CLASS', oneClass],
  ['BESIDE_SKIPPED', besideSkipped],
  ['OTHER_LEVEL', otherLevel],
  ['UNEVEN_DEPTH', unevenDepth],
  ['CLASS_NAMED_LIKE_PART', namedLikePart],
  ['LOOK_ALIKE_CLASSES', lookAlike],
  ['SAME_PART_TWICE', samePartTwice],
  ['CLASS_WITHOUT_TEST', withoutTest],
  ['FEW_IMAGES', fewImages],
  ['LOOSE_IMAGES', looseImages],
  ['CLASS_NAME_REFUSED', refusedNames],
  ['LABELS_SKIPPED', labelsSkipped],
  ['MASKS_AMONG_IMAGES', masksAmong],
  ['NAME_NOT_FOUND', notFound],
  ['DETECTION_SET', ({ names }) => detectionSet(names)],
];

export const warningsOf = (outcome: Outcome): ImportWarning[] =>
  outcome.images.length === 0
    ? []
    : checks.flatMap(([code, check]) => {
        const text = check(outcome);
        return text === null ? [] : [{ code, text }];
      });

/** What looks odd about classes that a table or labels named, whatever the folders are. */
export function warningsOfClasses(images: Placed['images']): ImportWarning[] {
  const { classes } = countClasses(images);
  const placed: Placed = { images, classes };
  const texts: [code: string, text: string | null][] = [
    ['NO_TRAINING_IMAGES', noTraining(placed)],
    ['CLASS_WITHOUT_TRAINING', withoutTraining(placed)],
    [
      'ONE_CLASS',
      classes.length === 1
        ? `Only one class was found, ${classes[0]!.name}. Two or more are needed to train.`
        : null,
    ],
    ['LOOK_ALIKE_CLASSES', lookAlike(placed)],
    ['CLASS_WITHOUT_TEST', withoutTest(placed)],
    ['FEW_IMAGES', fewImages(placed)],
  ];
  return images.length === 0 ? [] : texts.flatMap(([code, text]) => (text === null ? [] : [{ code, text }]));
}

const trains = ({ pool, train }: { pool: number; train: number }) => pool + train > 0;
/** A name with blanks at its ends is put in quotes. */
const named = (classes: { name: string }[]) =>
  list(classes.map(({ name }) => (name === name.trim() ? name : shownExactly(name))));

function noTraining({ images }: Placed): string | null {
  if (images.some(({ part }) => part === 'pool' || part === 'train')) return null;
  const parts = [...new Set(images.map(({ part }) => part))].join(' and ');
  return `No image is training data: all are ${parts} data. Import training data too, or say that this is some (part train).`;
}

function withoutTraining({ classes }: Placed): string | null {
  const without = classes.filter(({ counts }) => !trains(counts));
  if (without.length === 0 || without.length === classes.length) return null;
  return `${counted(without.length, 'class', 'classes')} without training images (${named(without)}): no network can learn ${without.length === 1 ? 'it' : 'them'}, so none predicts ${without.length === 1 ? 'it' : 'them'}.`;
}

function oneClass({ classes, decision }: Outcome): string | null {
  if (decision.layout === 'one-class' || classes.length !== 1) return null;
  return `Only one class was found, ${classes[0]!.name}. Two or more are needed to train. Is it the right folder, or another class level?`;
}

function besideSkipped(outcome: Outcome): string | null {
  const beside = withReason(outcome, 'Lies beside');
  if (beside.length === 0) return null;
  const { parts } = outcome.decision;
  const folders = [
    ...new Set(beside.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))))),
  ].filter(Boolean);
  const where = folders.length > 0 ? ` (in ${list(folders)})` : '';
  const say = parts
    ? 'Say which part a folder is, if it is one'
    : 'If they are of classes, say another class level';
  return `${counted(beside.length, 'image')} beside the folders that ${parts ? 'give the parts' : 'hold the classes'}${where}: skipped. ${say}. ${takeThem}`;
}

function otherLevel({ decision: { level, parts, classLevel, layout } }: Outcome): string | null {
  if (!level || layout === 'class-part') return null;
  const above = new Set((parts?.roots ?? [{ steps: [] }]).map(({ steps }) => steps.length));
  // Where the parts lie at different depths no number of a level is right for all.
  const offset = above.size === 1 ? [...above][0]! : null;
  const others = level.candidates.filter(
    (one) => one.level !== (offset === null ? level.level : (classLevel ?? 0) - offset),
  );
  if (others.length === 0) return null;
  const words = others.map(
    ({ level: at, names }) =>
      `${counted(names.length, 'folder')}${offset === null ? '' : ` at level ${at + offset}`} (${list(names)})`,
  );
  return `${words.join(', and ')} could be the classes too. If they are, say that class level.`;
}

function unevenDepth({ images, names, decision: { classLevel, layout } }: Outcome): string | null {
  if (classLevel === null || layout === 'class-part') return null;
  const labelled = images.filter(({ className }) => className !== null);
  const deeper = labelled.filter(({ index }) => names.images[index]!.split('/').length - 1 > classLevel);
  if (deeper.length === 0 || deeper.length === labelled.length) return null;
  return `${counted(deeper.length, 'image')} lie${deeper.length === 1 ? 's' : ''} deeper than the class folders, such as ${names.images[deeper[0]!.index]}, and count${deeper.length === 1 ? 's' : ''} as the class above, ${deeper[0]!.className}.`;
}

function namedLikePart({ classes, decision: { layout } }: Outcome): string | null {
  if (layout === 'one-class') return null;
  const readings = classes.map(({ name }) => readPart(name));
  const like = classes.filter((_, at) => {
    const own = readings[at];
    // bounding_box_train beside bounding_box_test
    return (
      own &&
      (own.rest === '' || readings.some((other) => other?.rest === own.rest && other.part !== own.part))
    );
  });
  if (like.length === 0) return null;
  return `${named(like)} ${like.length === 1 ? 'is taken for a class, but is named like a part' : 'are taken for classes, but are named like parts'} of a data set. Say so if ${like.length === 1 ? 'it is one' : 'they are'}.`;
}

function lookAlike({ classes }: Placed): string | null {
  const groups = lookAlikes(classes.map(({ name }) => name));
  if (groups.length === 0) return null;
  const words = groups.map((names) => names.map(shownExactly).join(' / '));
  return `Classes that look alike: ${list(words)}. They stay apart, as they are written. Rename the folders if they are meant to be one.`;
}

function samePartTwice({ decision: { parts } }: Outcome): string | null {
  const siblings = new Map<string, string[]>();
  for (const { steps, part } of parts?.named ?? []) {
    const key = `${part}\0${steps.slice(0, -1).join('/')}`;
    siblings.set(key, [...(siblings.get(key) ?? []), steps.join('/')]);
  }
  const twice = [...siblings].filter(([, folders]) => folders.length > 1);
  if (twice.length === 0) return null;
  const word = { pool: 'training', train: 'training', validation: 'validation', test: 'test' };
  return twice
    .map(
      ([key, folders]) => `${list(folders)} are all ${word[key.split('\0')[0] as keyof typeof word]} data.`,
    )
    .join(' ');
}

function withoutTest({ classes }: Placed): string | null {
  if (!classes.some(({ counts }) => counts.test > 0)) return null;
  const without = classes.filter(({ counts }) => counts.test === 0 && trains(counts));
  return without.length === 0
    ? null
    : `${counted(without.length, 'class', 'classes')} without test images (${named(without)}): no test accuracy can be measured for ${without.length === 1 ? 'it' : 'them'}.`;
}

function fewImages({ images, classes }: Placed): string | null {
  const fixed = (part: string) => (images.some((image) => image.part === part) ? 0 : 1);
  const needed = 1 + fixed('validation') + fixed('test');
  const few = classes.filter(({ counts }) => counts.pool > 0 && counts.pool < needed);
  return few.length === 0
    ? null
    : `${counted(few.length, 'class', 'classes')} with fewer than ${needed} images (${named(few)}): not every part can have one.`;
}

/** How images without a class come in all the same. */
const takeThem = 'To label them here, choose that images without a class are unlabelled.';

const withReason = ({ skipped }: Outcome, begin: string) =>
  skipped.filter(({ reason }) => reason.includes(begin));

function looseImages(outcome: Outcome): string | null {
  const loose = withReason(outcome, 'in no class folder');
  return loose.length === 0
    ? null
    : `${counted(loose.length, 'image')} in no class folder, such as ${loose[0]!.path}: skipped. ${takeThem}`;
}

function refusedNames(outcome: Outcome): string | null {
  const refused = withReason(outcome, 'Its class folder cannot');
  return refused.length === 0
    ? null
    : `${counted(refused.length, 'image')} in folders whose names cannot name a class: skipped. Rename the folders.`;
}

function notFound({ names, options }: Outcome): string | null {
  const said = Object.keys(options.parts ?? {});
  if (said.length === 0) return null;
  const known = new Set<string>();
  for (const name of names.images) {
    const steps = name.split('/').slice(0, -1);
    steps.forEach((step, at) => known.add(step).add(steps.slice(0, at + 1).join('/')));
  }
  const unknown = said.filter((name) => !known.has(name.replace(/^\//, '')));
  return unknown.length === 0
    ? null
    : `No folder with images is called ${list(unknown)}, of which a meaning was said.`;
}

function labelsSkipped(outcome: Outcome): string | null {
  const labels = withReason(outcome, 'Lies in a folder of masks');
  return labels.length === 0
    ? null
    : `${counted(labels.length, 'image')} in folders of masks or labels, such as ${labels[0]!.path}: skipped.`;
}

/** x_mask.png beside x.png. */
function masksAmong({ images, names }: Outcome): string | null {
  const stem = (name: string) => name.replace(/\.[^./]*$/, '');
  const placed = images.map(({ index }) => names.images[index]!);
  const stems = new Set(placed.map(stem));
  const masks = placed.filter((name) => {
    const of = /^(.*[^/])[-_ .](?:mask|seg|gt|label|segmentation|annotation)s?(?:[-_ ]?\d+)?$/i.exec(
      stem(name),
    )?.[1];
    return of !== undefined && stems.has(of);
  });
  return masks.length === 0
    ? null
    : `${counted(masks.length, 'image')} named like ${masks.length === 1 ? 'a mask of another' : 'masks of others'}, such as ${masks[0]!}: taken as ${masks.length === 1 ? 'an image' : 'images'} of the class. Move masks out of the class folders.`;
}

/** What remains of a name for the eye. */
const seen = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/gu, ' ')
    .replace(/[\s.]+$/u, '')
    .trimStart()
    .toLowerCase();

/** Groups of two or more names that look alike, in the order in which they come. */
export function lookAlikes(names: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = seen(name);
    const group = groups.get(key);
    if (group) group.push(name);
    else groups.set(key, [name]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** In quotes, with invisible and combining signs written out: "cafe\u0301". */
export const shownExactly = (name: string): string =>
  `"${name.replace(/[\p{Cf}\p{M}\p{Cc}]/gu, (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`)}"`;
