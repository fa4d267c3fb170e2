/**
 * What every augmentation is, and the two things they share: choosing images and moving pixels.
 * Images are float32 [batch, height, width, channels] of 0..255, before normalisation. All is made of engine
 * operations with stateless random numbers, so that a traced step draws anew each time it runs.
 * Which augmentations there are is left to index.ts.
 */
import * as tf from '@tensorflow/tfjs';
import type { Augmentation, AugmentationKind } from '#contract/recipe.ts';
import { statelessUniform } from '#learning/tensorflow/random.ts';

export type Settings<K extends AugmentationKind> = Extract<Augmentation, { kind: K }>;

export interface AugmentationDefinition<K extends AugmentationKind> {
  readonly kind: K;
  /** As the Train room calls it. */
  readonly name: string;
  /** What to look for in the preview: when it helps, and when it harms. */
  readonly about: string;
  /**
   * Each image decides on its own, with `settings.probability`.
   * @param images float32 [batch, height, width, channels], 0..255
   * @param seed int32 [2], an input of the step
   * @returns the same shape and range
   */
  apply(images: tf.Tensor4D, settings: Settings<K>, seed: tf.Tensor1D): tf.Tensor4D;
}

/** Uniform numbers in [low, high), one an image: float32 [batch]. */
export function perImage(batch: number, seed: tf.Tensor1D, low = 0, high = 1): tf.Tensor1D {
  return statelessUniform([batch], seed, low, high) as tf.Tensor1D;
}

/** Which images are changed: bool [batch]. Probability 0 chooses none, 1 all. */
export function chosen(batch: number, probability: number, seed: tf.Tensor1D): tf.Tensor1D {
  return tf.less(perImage(batch, seed), probability);
}

/** Whole numbers from -limit to limit, one an image, all equally likely: float32 [batch]. */
export function wholeSteps(batch: number, limit: number, seed: tf.Tensor1D): tf.Tensor1D {
  // A draw can round up to `high`, so the greatest step is capped.
  return tf.minimum(tf.floor(perImage(batch, seed, -limit, limit + 1)), limit);
}

/** Where pixels come from outside the image: its border's value, or black. */
export type Border = 'nearest' | 'constant';

/**
 * Takes the pixel (x, y) of each result from (a·x + b·y + c, d·x + e·y + f) of its image.
 * @param affine a, b, c, d, e, f: a number for all images or float32 [batch]
 */
export function warp(
  images: tf.Tensor4D,
  affine: (tf.Tensor1D | number)[],
  interpolation: 'nearest' | 'bilinear',
  border: Border,
): tf.Tensor4D {
  provideTransform();
  const batch = images.shape[0];
  const columns = [...affine, 0, 0].map((value) =>
    typeof value === 'number' ? tf.fill([batch], value) : value,
  );
  return tf.image.transform(images, tf.stack(columns, 1) as tf.Tensor2D, interpolation, border, 0);
}

interface SingleOutputBackend {
  executeSingleOutput(name: string, attributes: unknown[], inputs: tf.Tensor[]): tf.TensorInfo;
  binding: { TF_ATTR_STRING: number; TF_ATTR_TYPE: number; TF_FLOAT: number };
}

/** tfjs-node has no kernel for `tf.image.transform`; TensorFlow has the operation, on CPU and GPU. */
function provideTransform(): void {
  if (tf.getBackend() !== 'tensorflow' || tf.getKernel(tf.Transform, 'tensorflow')) return;
  tf.registerKernel({
    kernelName: tf.Transform,
    backendName: 'tensorflow',
    kernelFunc({ inputs, attrs, backend }) {
      const { image, transforms } = inputs as { image: tf.Tensor; transforms: tf.Tensor };
      const { interpolation, fillMode, fillValue } = attrs as unknown as tf.TransformAttrs;
      const tensorflow = backend as SingleOutputBackend;
      const { binding } = tensorflow;
      const shape = tf.tensor1d(image.shape.slice(1, 3), 'int32');
      const fill = tf.scalar(fillValue);
      try {
        return tensorflow.executeSingleOutput(
          'ImageProjectiveTransformV3',
          [
            { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
            { name: 'interpolation', type: binding.TF_ATTR_STRING, value: interpolation.toUpperCase() },
            { name: 'fill_mode', type: binding.TF_ATTR_STRING, value: fillMode.toUpperCase() },
          ],
          [image, transforms, shape, fill],
        );
      } finally {
        tf.dispose([shape, fill]);
      }
    },
  });
}
