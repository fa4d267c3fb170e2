/** Data sets whose labels are boxes: told by their files, so that a refusal can say what they are. */
import type { FileNames } from './layout-outcome.ts';

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
