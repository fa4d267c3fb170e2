/** For tests only: two small networks of TensorFlow.js, to be damaged: one of layers, one a graph. */
import * as tf from '@tensorflow/tfjs';
import { type Artifacts, artifactsOf, attr, GraphDraft, randomise, windowOf } from './testing-tfjs.ts';

export async function smallLayers(): Promise<Artifacts> {
  const l = tf.layers;
  const image = tf.input({ shape: [16, 16, 3], name: 'image' });
  let x = l.conv2d({ filters: 4, kernelSize: 3, strides: 2, name: 'first' }).apply(image);
  x = l.reLU({ maxValue: 6, name: 'bent' }).apply(l.batchNormalization({ name: 'norm' }).apply(x));
  x = l
    .add({ name: 'sum' })
    .apply([
      x,
      l.depthwiseConv2d({ kernelSize: 3, padding: 'same', name: 'each' }).apply(x),
    ] as tf.SymbolicTensor[]);
  x = l.globalAveragePooling2d({ name: 'pool' }).apply(x);
  x = l.dense({ units: 3, activation: 'softmax', name: 'answer' }).apply(x);
  return artifactsOf(randomise(tf.model({ inputs: image, outputs: x as tf.SymbolicTensor })));
}

export function smallGraph(): Artifacts {
  const draft = new GraphDraft();
  let map = draft.add(
    'Conv2D',
    [draft.placeholder([-1, 16, 16, 3]), draft.weights('k', [3, 3, 3, 4])],
    windowOf(2),
    'first',
  );
  map = draft.add('Relu', [draft.add('BiasAdd', [map, draft.weights('b', [4])], {}, 'biased')], {}, 'bent');
  map = draft.add(
    'Mean',
    [map, draft.integers('sides', [2], [1, 2])],
    { keep_dims: attr.flag(false) },
    'pool',
  );
  draft.add('MatMul', [map, draft.weights('last', [4, 3])], {}, 'answer');
  return draft.artifacts('answer');
}
