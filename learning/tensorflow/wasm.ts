/**
 * The WebAssembly engine: tfjs's wasm backend, completed for training. It has no kernels for most gradients:
 * the costly one (of a convolution's filter) is composed here from its matrix product, the cheap ones are
 * borrowed, kernel by kernel, from tfjs's JavaScript implementation.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import { cpuName } from './context.ts';
import type { OpenedEngine } from './opened-engine.ts';

/** Opens the engine and makes it the backend of tfjs. Throws ENGINE_FAILED. */
export async function openWasm(): Promise<OpenedEngine> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const factory = tf.findBackendFactory('wasm');
  if (!(await tf.setBackend('wasm'))) {
    throw new AtelierError('ENGINE_FAILED', 'The WebAssembly engine did not start.');
  }
  completeKernels();
  return {
    version: wasm.version_wasm,
    device: cpuName(),
    threads: 1,
    handles: () => tf.engine().backend.numDataIds(),
    close: () => {
      tf.removeBackend('wasm');
      // The package registers itself once, when imported: leave it so that it can be opened again.
      tf.registerBackend('wasm', factory, 2);
    },
  };
}

function completeKernels(): void {
  const present = new Set((tf.getKernelsForBackend('wasm') ?? []).map(({ kernelName }) => kernelName));
  if (!present.has('Conv2DBackpropFilter')) tf.registerKernel(filterGradient);
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu') ?? []) {
    if (present.has(kernelName) || kernelName === 'Conv2DBackpropFilter') continue;
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: borrowed(kernelFunc) });
  }
}

/** For each offset in the filter: the patches it saw, transposed, times the gradient of what they became. */
const filterGradient: tf.KernelConfig = {
  kernelName: 'Conv2DBackpropFilter',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as {
      strides: number | [number, number];
      pad: 'valid' | 'same' | number;
      dataFormat: 'NHWC' | 'NCHW';
      dimRoundingMode: 'floor' | 'round' | 'ceil';
      filterShape: [number, number, number, number];
    };
    if (dataFormat !== 'NHWC') throw new AtelierError('ENGINE_FAILED', 'Images were expected channels last.');
    const { padInfo, strideHeight, strideWidth, outHeight, outWidth, batchSize } =
      tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const [filterHeight, filterWidth, inChannels, outChannels] = filterShape;
    return tf.tidy(() => {
      // What the strides jump over at the far end is cut off, what they reach beyond the image is zero.
      const padded = tf.pad(asTensor(x), [
        [0, 0],
        [padInfo.top, padInfo.bottom + strideHeight],
        [padInfo.left, padInfo.right + strideWidth],
        [0, 0],
      ]);
      const gradient = asTensor(dy).reshape([-1, outChannels]);
      const parts: tf.Tensor[] = [];
      for (let row = 0; row < filterHeight; row++) {
        for (let column = 0; column < filterWidth; column++) {
          const patches = tf.stridedSlice(
            padded,
            [0, row, column, 0],
            [batchSize, row + outHeight * strideHeight, column + outWidth * strideWidth, inChannels],
            [1, strideHeight, strideWidth, 1],
          );
          parts.push(tf.matMul(patches.reshape([-1, inChannels]).transpose(), gradient));
        }
      }
      return tf.stack(parts).reshape(filterShape);
    });
  },
};

/** A kernel's input as a tensor of its own, so that operations may be called with it. */
function asTensor(info: tf.TensorInfo): tf.Tensor4D {
  tf.engine().backend.incRef(info.dataId);
  return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor4D;
}

/** What is used of tfjs's JavaScript backend, as a calculator only: it never becomes the engine. */
interface Calculator {
  firstUse: boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues): tf.TensorInfo;
  readSync(dataId: object): tf.BackendValues;
  disposeData(dataId: object, force?: boolean): boolean;
}

/** Runs a JavaScript kernel on copies of the inputs, and copies its outputs back. */
function borrowed(kernel: tf.KernelFunc): tf.KernelFunc {
  return ({ inputs, backend, attrs }) => {
    const calculator = tf.findBackend('cpu') as unknown as Calculator;
    calculator.firstUse = false; // else it advertises the package that we stand in for
    const wasm = backend as tf.KernelBackend;
    const held: tf.TensorInfo[] = [];
    const copyIn = (info: tf.TensorInfo): tf.TensorInfo => {
      const copy = calculator.makeTensorInfo(info.shape, info.dtype, wasm.readSync(info.dataId).slice());
      held.push(copy);
      return copy;
    };
    const copyOut = (info: tf.TensorInfo): tf.TensorInfo => {
      held.push(info);
      const { shape, dtype } = info;
      return { dataId: wasm.write(calculator.readSync(info.dataId), shape, dtype), shape, dtype };
    };
    try {
      const copies = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.map(copyIn) : copyIn(value as tf.TensorInfo),
        ]),
      ) as tf.NamedTensorInfoMap;
      const result = kernel({ inputs: copies, backend: calculator, attrs });
      return Array.isArray(result) ? result.map(copyOut) : copyOut(result);
    } finally {
      for (const { dataId } of held) calculator.disposeData(dataId, true);
    }
  };
}
