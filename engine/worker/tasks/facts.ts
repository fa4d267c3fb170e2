/** Task `facts`: looks at each thumbnail of a project once, and puts what it found in its place once it is whole. */
import { AtelierError } from '#contract/errors.ts';
import { type ImageFactKey, imageFactKeys, meanSide } from '#contract/image-facts.ts';
import { colourFacts } from '#learning/exploration/colour-facts.ts';
import { PictureTotals } from '#learning/exploration/picture-totals.ts';
import { imageFacts } from '#learning/findings/image-facts.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { readThumbnails } from '../../images/thumbnails/read-thumbnails.ts';
import { pixelsOf, type ThumbnailPixels } from '../../images/thumbnails/thumbnail-pixels.ts';
import { readInt32 } from '../../project/arrays.ts';
import { writeFactsFile } from '../../project/facts-file.ts';
import type { TaskFunction } from '../protocol.ts';

const toldEach = 64;

export const facts: TaskFunction<'facts'> = async (
  { project, lastItemId, classes, file, factsId },
  { emit, signal },
) => {
  const items = originalsUpTo(project, lastItemId);
  const classOf = await readInt32(classes);
  const rowOf = new Map(items.map(({ id }, row) => [id, row]));
  const there = items.filter(({ removed }) => !removed);
  const found = new Map<number, Record<ImageFactKey, number>>();
  const totals = new PictureTotals(meanSide);
  let done = 0;
  await readThumbnails(project, there, pixelsOf, (item, thumbnail) => {
    if (signal.aborted)
      throw new AtelierError(
        'CANCELLED',
        'Looking at the images was cancelled. What was known before stays.',
      );
    if (thumbnail) {
      const { pixels, width, height, channels } = thumbnail;
      found.set(item.id, factsOf(thumbnail, item));
      totals.add(classOf[rowOf.get(item.id)!] ?? 0, pixels, width, height, channels);
    }
    done += 1;
    if (done % toldEach === 0 || done === there.length)
      emit({ kind: 'step', done, total: there.length, unit: 'images' });
  });
  const itemIds = Int32Array.from(found.keys()).sort();
  const values = new Float32Array(imageFactKeys.length * itemIds.length);
  imageFactKeys.forEach((key, index) =>
    itemIds.forEach((id, at) => (values[index * itemIds.length + at] = found.get(id)![key])),
  );
  const computedAt = new Date().toISOString();
  await writeFactsFile(file, {
    facts: { id: factsId, computedAt, images: itemIds.length },
    ...{ itemIds, values, ...totals.result() },
  });
  return { images: itemIds.length };
};

function factsOf(
  { pixels, width, height, channels }: ThumbnailPixels,
  original: { width: number; height: number },
): Record<ImageFactKey, number> {
  const { brightness, contrast, sharpness } = imageFacts(pixels, width, height, channels);
  return {
    ...{ width: original.width, height: original.height },
    ...{ brightness, contrast, sharpness },
    ...colourFacts(pixels, channels),
  };
}
