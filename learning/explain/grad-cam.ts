/**
 * Grad-CAM (Selvaraju et al. 2017): where in the last map of activations a class has its evidence. Each channel weighs as much as the logit of
 * the class rises with it on average over the map; what is left of their sum above 0 is the heat. Needs a network that can be differentiated
 * from its last map on; occlusion.ts asks the network alone.
 */
import * as tf from '@tensorflow/tfjs';
import type { Network } from '#learning/model/network.ts';
import { type Normalisation, normalise } from '#learning/model/preprocessing.ts';
import type { Operation, Plan } from '#recipe/operation.ts';

export interface GradCam {
  /** Name of the operation whose map it is. */
  layer: string;
  height: number;
  width: number;
  /** [height, width] row by row, 0 or more, in logits by activation. All 0 where nothing in the map speaks for the class. */
  values: Float32Array;
}

export const whyNoGradCam =
  'Grad-CAM needs a map of activations that all later layers follow from, and this network has none. Choose occlusion, which every network has.';

const isMap = ({ outputShape }: Operation): boolean =>
  outputShape.length === 3 && outputShape[0]! * outputShape[1]! > 1;
const thins = ({ kind }: Operation): boolean =>
  kind === 'max-pool' || kind === 'average-pool' || kind === 'dropout' || kind === 'spatial-dropout';

/**
 * The place in the plan of the last map that all later operations follow from: the one before a pool where a pool is last, since that shows
 * more places and says the same. Null where there is none, as in a network that flattens the image at once.
 */
export function gradCamOperation({ operations }: Plan): number | null {
  // The earliest place that anything from `position` on looks at.
  let earliest = Infinity;
  for (let position = operations.length - 1; position >= 0; position -= 1) {
    const operation = operations[position]!;
    if (isMap(operation) && earliest >= position && earliest !== Infinity) {
      const [before] = operation.inputs;
      const goesBack =
        thins(operation) && before === position - 1 && before >= 0 && isMap(operations[before]!);
      if (!goesBack) return position;
    }
    earliest = Math.min(earliest, ...operation.inputs);
  }
  return null;
}

/**
 * @param pixels uint8 [height, width, channels] at the recipe's size
 * @param classIndex of the class that is asked about
 * @returns null where the network has no such map (`whyNoGradCam`)
 */
export async function gradCam(
  network: Network,
  normalisation: Normalisation,
  pixels: Uint8Array,
  classIndex: number,
): Promise<GradCam | null> {
  const position = gradCamOperation(network.plan);
  if (position === null) return null;
  const { name, outputShape } = network.plan.operations[position]!;
  const [height, width] = outputShape as [number, number, number];
  const { activation, gradient } = activationGradient(network, normalisation, pixels, classIndex, position);
  const heat = tf.tidy(() => {
    const weights = tf.mean(gradient, [1, 2], true);
    return tf.relu(tf.sum(tf.mul(weights, activation), 3));
  });
  try {
    const values = (await heat.data()) as Float32Array;
    return { layer: name, height, width, values: values.slice() };
  } finally {
    tf.dispose([heat, activation, gradient]);
  }
}

/**
 * What operation `position` gives for the image, and how the logit of the class changes with each number of it, both
 * [1, height, width, channels]. The caller lets them go.
 */
export function activationGradient(
  network: Network,
  normalisation: Normalisation,
  pixels: Uint8Array,
  classIndex: number,
  position: number,
): { activation: tf.Tensor4D; gradient: tf.Tensor4D } {
  const { inputShape, classCount } = network.plan;
  const [height, width, channels] = inputShape as [number, number, number];
  const activation = tf.tidy(() => {
    const image = tf.tensor4d(Float32Array.from(pixels), [1, height, width, channels]);
    return tf.clone(network.outputs(normalise(image, normalisation), { training: false })[position]!);
  }) as tf.Tensor4D;
  const gradient = tf.tidy(() => {
    const chosen = tf.oneHot(tf.tensor1d([classIndex], 'int32'), classCount);
    return tf.grad((map) => {
      const logits = network.outputs(map, { training: false }, position + 1).at(-1)!;
      return tf.sum(tf.mul(logits, chosen));
    })(activation);
  }) as tf.Tensor4D;
  return { activation, gradient };
}
