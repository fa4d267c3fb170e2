/**
 * Operations that tfjs composes badly or not at all, done natively on TensorFlow and composed elsewhere:
 * batch norm and ReLU in one kernel each way, images transformed, and images kept once in the engine's memory. All work traced
 * and eager.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import { BACKEND_NAME, currentTensorFlow, type TensorFlowBackend } from './backend.ts';
import { AttributeType, typeAttributes } from './eager.ts';
import { product } from '#recipe/shape.ts';
import { DataType } from './tensors.ts';

const KERNEL = 'AtelierFusedBatchNorm';
const GRADIENT_KERNEL = 'AtelierFusedBatchNormGradient';

export interface BatchNormResult<T extends tf.Tensor> {
  y: T;
  /** Mean of the batch, [channels]. Not differentiable. */
  batchMean: tf.Tensor1D;
  /** Unbiased variance of the batch (n − 1), [channels], as running averages want it. Not differentiable. */
  batchVariance: tf.Tensor1D;
}

/**
 * Batch normalisation in training mode, over all axes but the last: x is [batch, height, width, channels]
 * or [batch, units]; scale and offset are [channels]. Differentiable in x, scale and offset.
 */
export function fusedBatchNorm<T extends tf.Tensor2D | tf.Tensor4D>(
  x: T,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): BatchNormResult<T> {
  if (!currentTensorFlow()) return composedBatchNorm(x, scale, offset, epsilon);
  const [first = 0, last = 0] = [x.shape[0], x.shape[x.rank - 1]];
  const image = x.rank === 4 ? x : x.reshape([first, 1, 1, last]);
  const [y, batchMean, batchVariance] = tf
    .engine()
    .runKernel(KERNEL, { x: image, scale, offset }, { epsilon }) as unknown as [
    tf.Tensor4D,
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  return { y: (x.rank === 4 ? y : y.reshape(x.shape)) as T, batchMean, batchVariance };
}

function composedBatchNorm<T extends tf.Tensor2D | tf.Tensor4D>(
  x: T,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): BatchNormResult<T> {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const count = x.size / scale.size;
  const batchMean = x.mean(axes) as tf.Tensor1D;
  const centred = x.sub(batchMean);
  const variance = centred.square().mean(axes) as tf.Tensor1D;
  const y = centred.mul(variance.add(epsilon).rsqrt().mul(scale)).add(offset) as T;
  return { y, batchMean, batchVariance: variance.mul(count / Math.max(count - 1, 1)) };
}

const batchNormAttributes = (epsilon: number) => [
  ...typeAttributes({ T: DataType.FLOAT, U: DataType.FLOAT }),
  { name: 'epsilon', type: AttributeType.FLOAT, value: epsilon },
  { name: 'data_format', type: AttributeType.STRING, value: 'NHWC' },
  { name: 'is_training', type: AttributeType.BOOL, value: true },
];

// As kernels with a gradient, not tf.customGrad, which can return one tensor only.
tf.registerKernel({
  kernelName: KERNEL,
  backendName: BACKEND_NAME,
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, scale, offset } = inputs as unknown as Record<string, tf.Tensor>;
    const native = backend as unknown as TensorFlowBackend;
    const attributes = batchNormAttributes((attrs as unknown as { epsilon: number }).epsilon);
    // No running averages go in: an empty tensor stands for each.
    const empty = tf.tensor1d([]);
    const outputs = native.executeMultipleOutputs(
      'FusedBatchNormV3',
      attributes,
      [x!, scale!, offset!, empty, empty],
      6,
    );
    empty.dispose();
    return outputs;
  },
});
tf.registerKernel({
  kernelName: GRADIENT_KERNEL,
  backendName: BACKEND_NAME,
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { dy, x, scale, mean, variance, extra } = inputs as unknown as Record<string, tf.Tensor>;
    const native = backend as unknown as TensorFlowBackend;
    const attributes = batchNormAttributes((attrs as unknown as { epsilon: number }).epsilon);
    const all = native.executeMultipleOutputs(
      'FusedBatchNormGradV3',
      attributes,
      [dy!, x!, scale!, mean!, variance!, extra!],
      5,
    );
    for (const unused of all.slice(3)) unused.dispose();
    return all.slice(0, 3);
  },
});
tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['x', 'scale'],
  // Outputs 3 to 5 are what the gradient operation wants back.
  outputsToSave: [false, false, false, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const dy = (Array.isArray(dys) ? dys[0] : dys) as tf.Tensor;
    const [x, scale, mean, variance, extra] = saved as tf.Tensor[];
    // Computed at once: tfjs tidies after each single gradient, and would take the other two with it.
    const [dx, dScale, dOffset] = tf
      .engine()
      .runKernel(
        GRADIENT_KERNEL,
        { dy, x, scale, mean, variance, extra } as unknown as tf.NamedTensorMap,
        attrs,
      ) as unknown as tf.Tensor[];
    return { x: () => dx!, scale: () => dScale!, offset: () => dOffset! };
  },
});

/** Differentiable natively in one pass over what it gave; tfjs's own gradients walk over x eight times. */
const rectifier = (rectify: (x: tf.Tensor) => tf.Tensor, gradient: 'ReluGrad' | 'Relu6Grad') => {
  const native = tf.customGrad((x, save) => {
    const y = rectify(x as tf.Tensor);
    (save as tf.GradSaveFunc)([y]);
    return {
      value: y,
      gradFunc: (dy, saved) =>
        currentTensorFlow()!.executeSingleOutput(gradient, typeAttributes({ T: DataType.FLOAT }), [
          dy,
          saved[0]!,
        ]),
    };
  });
  return <T extends tf.Tensor>(x: T): T => (currentTensorFlow() ? native(x) : rectify(x)) as T;
};

/** max(x, 0), any shape. */
export const relu = rectifier((x) => tf.relu(x), 'ReluGrad');

/** min(max(x, 0), 6), any shape (Krizhevsky 2010). */
export const relu6 = rectifier((x) => tf.relu6(x), 'Relu6Grad');

/**
 * x as it is, and where a traced function is rewritten to bfloat16 the line its 16 bits do not cross: what comes
 * after computes in float32, until the next convolution or product, and so does what its gradient passes into. Without it the rewriting goes on to
 * whatever adds and multiplies there: weights, averages and sums kept in 8 significant bits no longer change by
 * small steps. TensorFlow rewrites towards no Bitcast, for it is on none of its lists
 * (tensorflow/core/grappler/optimizers/auto_mixed_precision_lists.h).
 */
export function inFloat32<T extends tf.Tensor>(x: T): T {
  const binding = currentTensorFlow()?.binding;
  return (binding?.recording && binding.context.precision === 'bfloat16' ? bitcast(x) : x) as T;
}

const bitcast = tf.customGrad((x) => ({
  value: bitcastToFloat32(x as tf.Tensor),
  gradFunc: (dy) => bitcastToFloat32(dy),
}));

const bitcastToFloat32 = (x: tf.Tensor) =>
  currentTensorFlow()!.executeSingleOutput(
    'Bitcast',
    typeAttributes({ T: DataType.FLOAT, type: DataType.FLOAT }),
    [x],
  );

/**
 * x [batch, height, width, channels] plus bias [channels]. An addition like any other, but one that TensorFlow's graph
 * optimiser takes into the convolution before it, and the ReLU after it with it; its gradient sums in one pass.
 */
export const addBias = (x: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D =>
  (currentTensorFlow() ? nativeAddBias(x, bias) : tf.add(x, bias)) as tf.Tensor4D;

const nativeAddBias = tf.customGrad((x, bias) => ({
  value: biasOperation('BiasAdd', [x as tf.Tensor, bias as tf.Tensor]),
  gradFunc: (dy: tf.Tensor) => [dy, biasOperation('BiasAddGrad', [dy])],
}));

const biasOperation = (type: string, inputs: tf.Tensor[]): tf.Tensor =>
  currentTensorFlow()!.executeSingleOutput(
    type,
    [
      ...typeAttributes({ T: DataType.FLOAT }),
      { name: 'data_format', type: AttributeType.STRING, value: 'NHWC' },
    ],
    inputs,
  );

/**
 * rows[indices[i]] for each i: float32 rows of any rank from 1, int32 indices [n] in range → [n, …]. May be traced, which tfjs's
 * own gather may not: it reads its indices. Not differentiable.
 */
export function gatherRows<T extends tf.Tensor>(rows: T, indices: tf.Tensor1D): T {
  const backend = currentTensorFlow();
  if (!backend) return tf.gather(rows, indices);
  return tf.tidy(
    () =>
      backend.executeSingleOutput(
        'GatherV2',
        typeAttributes({ Tparams: DataType.FLOAT, Tindices: DataType.INT32, Taxis: DataType.INT32 }),
        [rows, indices, tf.scalar(0, 'int32')],
      ) as T,
  );
}

/**
 * Each image [batch, height, width, channels], float32, by its own map of the plane, float32 [batch, 8]: what
 * `tf.image.transform` does, with a kernel for TensorFlow. May be traced. Not differentiable.
 * @param border where pixels come from outside the image: its border's value, or black
 */
export const transformImages = (
  images: tf.Tensor4D,
  maps: tf.Tensor2D,
  interpolation: 'nearest' | 'bilinear',
  border: 'nearest' | 'constant',
): tf.Tensor4D => tf.image.transform(images, maps, interpolation, border, 0);

// tfjs-node has no kernel for `tf.image.transform`; TensorFlow has the operation, on CPU and GPU.
tf.registerKernel({
  kernelName: tf.Transform,
  backendName: BACKEND_NAME,
  kernelFunc({ inputs, attrs, backend }) {
    const { image, transforms } = inputs as { image: tf.Tensor; transforms: tf.Tensor };
    const { interpolation, fillMode, fillValue } = attrs as unknown as tf.TransformAttrs;
    const shape = tf.tensor1d(image.shape.slice(1, 3), 'int32');
    const fill = tf.scalar(fillValue);
    try {
      return (backend as unknown as TensorFlowBackend).executeSingleOutput(
        'ImageProjectiveTransformV3',
        [
          ...typeAttributes({ dtype: DataType.FLOAT }),
          { name: 'interpolation', type: AttributeType.STRING, value: interpolation.toUpperCase() },
          { name: 'fill_mode', type: AttributeType.STRING, value: fillMode.toUpperCase() },
        ],
        [image, transforms, shape, fill],
      );
    } finally {
      tf.dispose([shape, fill]);
    }
  },
});

/** Images kept once in engine memory as bytes. */
export interface ResidentImages {
  readonly shape: [count: number, height: number, width: number, channels: number];
  /** indices int32 [batch] → float32 [batch, height, width, channels] in 0..255. May be traced. */
  gather(indices: tf.Tensor1D): tf.Tensor4D;
  dispose(): void;
}

/** Copies the images into engine memory. Throws ENGINE_FAILED where data and shape disagree, OUT_OF_MEMORY. */
export function residentImages(data: Uint8Array, shape: ResidentImages['shape']): ResidentImages {
  if (data.length !== product(shape)) {
    throw new AtelierError(
      'ENGINE_FAILED',
      `Images of shape [${shape.join(', ')}] were expected to hold ${product(shape)} bytes, received ${data.length}.`,
    );
  }
  const backend = currentTensorFlow();
  return backend ? nativeImages(backend, data, shape) : hostImages(data, shape);
}

function nativeImages(
  backend: TensorFlowBackend,
  data: Uint8Array,
  shape: ResidentImages['shape'],
): ResidentImages {
  const { binding } = backend;
  const images = binding.createTensor(shape, DataType.UINT8, data);
  let live = true;
  return {
    shape,
    gather(indices) {
      const axis = binding.createTensor([], DataType.INT32, Int32Array.of(0));
      const [indexId] = backend.getInputTensorIds([indices]);
      const [bytes] = binding.executeOp(
        'GatherV2',
        typeAttributes({ Tparams: DataType.UINT8, Tindices: DataType.INT32, Taxis: DataType.INT32 }),
        [images, indexId!, axis],
        1,
      );
      const [floats] = binding.executeOp(
        'Cast',
        typeAttributes({ SrcT: DataType.UINT8, DstT: DataType.FLOAT }),
        [bytes!.id],
        1,
      );
      binding.deleteTensor(axis);
      binding.deleteTensor(bytes!.id);
      return backend.createOutputTensor(floats!) as tf.Tensor4D;
    },
    dispose() {
      if (live) binding.deleteTensor(images);
      live = false;
    },
  };
}

/** Without byte tensors in the engine, the images stay in JavaScript and a batch is copied at a time. */
function hostImages(data: Uint8Array, shape: ResidentImages['shape']): ResidentImages {
  const [, height, width, channels] = shape;
  const size = height * width * channels;
  return {
    shape,
    gather(indices) {
      const rows = indices.dataSync();
      const batch = new Float32Array(rows.length * size);
      for (let i = 0; i < rows.length; i++)
        batch.set(data.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
      return tf.tensor4d(batch, [rows.length, height, width, channels]);
    },
    dispose() {},
  };
}
