/** Task `robustness`: a run's answers to a sample of images that are corrupted in every way at every severity. */
import sharp from 'sharp';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import { type CorruptionName, corruptionKinds, corruptions, severities } from '#contract/robustness.ts';
import { corruptPixels, type Picture } from '#learning/robustness/corruptions.ts';
import { sampleOf, type Swept, sweepResults } from '#learning/robustness/sweep.ts';
import { generator } from '#learning/random-numbers.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import { withChannels } from '../../images/decode/decode.ts';
import { loadPack } from '../../images/packs/pack.ts';
import { readInt32 } from '../../project/arrays.ts';
import { checkedProbabilities, openModel } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';

/** Corrupted pixels that are held at once. */
const bytesAtOnce = 2 ** 26;
const turnMilliseconds = 10;
const encodedAtOnce = 4;

export const robustness: TaskFunction<'robustness'> = async (input, { emit, signal }) => {
  const { project, lastItemId, seed } = input;
  const { predictor, recipe, classCount } = await openModel(input.folder, null);
  const [allRows, allLabels] = [await readInt32(input.rows), await readInt32(input.labels)];
  const sample = sampleOf(allRows.length, input.images, seed);
  const rows = sample.map((place) => allRows[place]!);
  const labels = sample.map((place) => allLabels[place]!);
  const { height, width, channels } = recipe.preprocessing;
  const size = height * width * channels;
  const { pixels } = await loadPack(project, recipe.preprocessing, lastItemId, { rows, signal });
  const total = rows.length * (1 + corruptions.length * severities.length);
  const together = Math.max(1, Math.min(rows.length, Math.floor(bytesAtOnce / size)));
  let asked = 0;
  let since = performance.now();

  /** 1 for each image that is answered right, as `change` leaves it. */
  const rightOf = async (change: (picture: Picture, row: number) => Uint8Array | Promise<Uint8Array>) => {
    const right = new Uint8Array(rows.length);
    for (let from = 0; from < rows.length; from += together) {
      const some = rows.subarray(from, from + together);
      const changed = new Uint8Array(some.length * size);
      let next = 0;
      const work = async () => {
        for (let at = next++; at < some.length; at = next++) {
          const row = some[at]!;
          const own = pixels.subarray(row * size, (row + 1) * size);
          changed.set(await change({ pixels: own, height, width, channels }, row), at * size);
          if (performance.now() - since < turnMilliseconds) continue;
          await turnOfEventLoop();
          if (signal.aborted) throw cancelled();
          since = performance.now();
        }
      };
      await Promise.all(Array.from({ length: encodedAtOnce }, work));
      const answers = checkedProbabilities(
        await predictor.predict(changed, Int32Array.from(some.keys()), {
          signal,
          onProgress: (done) => emit({ kind: 'step', done: asked + done, total, unit: 'images' }),
        }),
        classCount,
      );
      some.forEach(
        (_, at) =>
          (right[from + at] = Number(greatest(answers, classCount, at * classCount) === labels[from + at])),
      );
      asked += some.length;
    }
    return right;
  };

  const clean = await rightOf(({ pixels: own }) => own);
  const swept: Swept[] = [];
  for (const [place, corruption] of corruptions.entries()) {
    const right: Uint8Array[] = [];
    for (const severity of severities) {
      const amount = corruptionKinds[corruption].amounts[severity - 1]!;
      // An image is corrupted the same whatever else is in the sample.
      right.push(
        await rightOf((picture, row) =>
          corrupt(corruption, picture, amount, () => generator(seed, place, severity, row)),
        ),
      );
    }
    swept.push({ corruption, right });
  }
  return { images: rows.length, of: allRows.length, ...sweepResults(clean, swept, recipe.augmentation) };
};

function corrupt(
  corruption: CorruptionName,
  picture: Picture,
  amount: number,
  random: () => ReturnType<typeof generator>,
): Uint8Array | Promise<Uint8Array> {
  return corruption === 'jpeg'
    ? asJpeg(picture, amount)
    : corruptPixels[corruption](picture, amount, random());
}

/** What a JPEG file of this quality leaves of it. */
async function asJpeg({ pixels, height, width, channels }: Picture, quality: number): Promise<Uint8Array> {
  const raw = { width, height, channels: channels as 1 | 3 };
  const file = await sharp(pixels, { raw }).jpeg({ quality }).toBuffer();
  const { data, info } = await sharp(file).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return withChannels(data, info.channels, channels as 1 | 3);
}

const cancelled = () =>
  new AtelierError('CANCELLED', 'The corruption sweep was cancelled. What was known before stays.');
