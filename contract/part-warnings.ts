/**
 * What is odd about how a project's images are divided into parts, and what to do: shown when an import ends, beside
 * the parts in the window, and when a training cannot start. Dividing them is left to learning/splits/draw-parts.ts.
 */
import type { ImportWarning } from './import.ts';
import type { Class } from './project.ts';

type Divided = Pick<Class, 'name' | 'counts'>;

const named = 5;

/** "3 of 300 classes (a, b, c)"; a few are named. */
function classesOf(some: readonly Divided[], all: readonly Divided[]): string {
  const names = some.slice(0, named).map(({ name }) => JSON.stringify(name));
  if (some.length > named) names.push('…');
  const which = some.length === all.length ? `All ${all.length}` : `${some.length} of ${all.length}`;
  return `${which} ${all.length === 1 ? 'class' : 'classes'} (${names.join(', ')})`;
}

/**
 * Empty where every class that has images trains, validates and tests.
 * @param unlabelled images without a class
 */
export function partWarnings(classes: readonly Divided[], unlabelled = 0): ImportWarning[] {
  const all = classes.filter(({ counts }) => counts.total > 0);
  const trained = all.filter(({ counts }) => counts.train > 0);
  const warnings: ImportWarning[] = [];
  const warn = (code: string, text: string) => warnings.push({ code, text });
  if (unlabelled > 0) {
    warn(
      'UNLABELLED',
      unlabelled === 1
        ? '1 image is unlabelled: it is in no part, and nothing is learned from it until it has a class.'
        : `${unlabelled} images are unlabelled: they are in no part, and nothing is learned from them until they have a class.`,
    );
  }
  if (all.length === 0) return warnings;

  if (trained.length === 0) {
    warn(
      'NO_TRAINING_IMAGES',
      'No image is for training, so nothing can be trained. Import training images, or redraw the parts, those from the source too.',
    );
    return warnings;
  }
  const untrained = all.filter(({ counts }) => counts.train === 0);
  if (untrained.length > 0) {
    const images = untrained.reduce((sum, { counts }) => sum + counts.total, 0);
    warn(
      'CLASSES_WITHOUT_TRAINING',
      `${classesOf(untrained, all)} have no training images, so a network has no output for them, and their ${images} validation and test images are left out of evaluations. Import training images of them, or redraw the parts.`,
    );
  }
  const unvalidated = trained.filter(({ counts }) => counts.validation === 0);
  if (unvalidated.length === trained.length) {
    warn(
      'NO_VALIDATION_IMAGES',
      trained.some(({ counts }) => counts.train > 1)
        ? 'No class has validation images, so nothing can be trained. Redraw the parts with a share for validation; where copies of one image or one group make up each class, import more.'
        : 'No class has validation images, because each has a single training image, so nothing can be trained. Import at least two different images of each class.',
    );
  } else if (unvalidated.length > 0) {
    warn(
      'CLASSES_WITHOUT_VALIDATION',
      `${classesOf(unvalidated, all)} have no validation images (a single image, copies of one, or one group all train), so a training cannot measure them. Import more of them.`,
    );
  }
  const untested = trained.filter(({ counts }) => counts.test === 0);
  if (untested.length === trained.length) {
    warn(
      'NO_TEST_IMAGES',
      'There is no test part, so runs are judged by validation images alone. A class needs three images to have one for each part; import more, or redraw the parts with a share for test.',
    );
  } else if (untested.length > 0) {
    warn(
      'CLASSES_WITHOUT_TEST',
      `${classesOf(untested, all)} have no test images, so the test part says nothing about them. A class needs three images to have one for each part.`,
    );
  }
  return warnings;
}
