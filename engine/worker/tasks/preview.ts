/** Task `preview`: what a recipe's preprocessing and augmentations make of real images. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { augment } from '#learning/augment/index.ts';
import { encodePng } from '#learning/files/png.ts';
import { toNetworkInput } from '../../images/decode/decode.ts';
import { readItem } from '../../images/storage/originals.ts';
import { workerEngine } from '../engine.ts';
import type { TaskFunction } from '../protocol.ts';

export const preview: TaskFunction<'preview'> = async (input) => {
  const { height, width, channels } = input.preprocessing;
  const before: Uint8Array[] = [];
  for (const itemId of input.itemIds) {
    const { picture, name } = await readItem(input.project, itemId);
    before.push(await toNetworkInput(picture, input.preprocessing, name));
  }
  await workerEngine();
  const size = height * width * channels;
  const images = [...before];
  const plain = tf.tensor4d(Float32Array.from(Buffer.concat(before)), [
    before.length,
    height,
    width,
    channels,
  ]);
  try {
    for (let variant = 1; variant <= input.variants; variant++) {
      const changed = tf.tidy(() => {
        const seed = tf.tensor1d([input.seed | 0, variant], 'int32');
        return augment(plain, null, input.augmentation, seed).images.round().clipByValue(0, 255);
      });
      const values = await changed.data();
      changed.dispose();
      for (let index = 0; index < before.length; index++) {
        images.push(Uint8Array.from(values.slice(index * size, (index + 1) * size)));
      }
    }
  } finally {
    plain.dispose();
  }
  await Promise.all(
    images.map((pixels, index) =>
      writeFile(join(input.folder, String(index)), encodePng(pixels, width, height, channels)),
    ),
  );
  return { images: images.length };
};
