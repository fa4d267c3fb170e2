/**
 * Moves pixels: each pixel of a result is taken from a place of its image that a map of the plane names. One native
 * operation a batch, each image with its own map. Which maps there are is left to the augmentations.
 */
import * as tf from '@tensorflow/tfjs';

/** Where pixels come from outside the image: its border's value, or black. */
export type Border = 'nearest' | 'constant';

/** A number for all images, or float32 [batch]. */
export type Coefficient = tf.Tensor1D | number;

/**
 * Takes the pixel (x, y) of each result from (a·x + b·y + c, d·x + e·y + f) / (g·x + h·y + 1) of its image; pixels
 * are counted from 0 at their centres. The identity gives every value back bit for bit.
 * @param map a, b, c, d, e, f, and for a perspective g, h. Finite: TensorFlow does not check.
 */
export function warp(
  images: tf.Tensor4D,
  map: readonly Coefficient[],
  interpolation: 'nearest' | 'bilinear',
  border: Border,
): tf.Tensor4D {
  provideTransform();
  const batch = images.shape[0];
  const columns = [...map, 0, 0]
    .slice(0, 8)
    .map((value) => (typeof value === 'number' ? tf.fill([batch], value) : value));
  return tf.image.transform(images, tf.stack(columns, 1) as tf.Tensor2D, interpolation, border, 0);
}

/**
 * The affine map whose linear part is [a, b; d, e] and which leaves the image's centre where it is.
 * @returns coefficients for `warp`
 */
export function aboutCentre(
  [, height, width]: readonly number[],
  [a, b, d, e]: readonly [Coefficient, Coefficient, Coefficient, Coefficient],
): Coefficient[] {
  const [x, y] = [(width! - 1) / 2, (height! - 1) / 2];
  const right = tf.sub(tf.sub(x, tf.mul(a, x)), tf.mul(b, y)) as tf.Tensor1D;
  const down = tf.sub(tf.sub(y, tf.mul(d, x)), tf.mul(e, y)) as tf.Tensor1D;
  return [a, b, right, d, e, down];
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
