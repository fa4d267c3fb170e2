/**
 * Values between JavaScript and TF_Tensor memory. Data is copied both ways: TensorFlow never sees
 * memory of V8's, nor V8 of TensorFlow's (Electron's memory cage forbids it).
 */
import type { backend_util } from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import type { Library, Pointer } from './ffi.ts';
import { product } from '#recipe/shape.ts';

/** TF_DataType, those that tfjs can meet. */
export const DataType = {
  FLOAT: 1,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  RESOURCE: 20,
} as const;

const bytesPerElement: Record<number, number> = {
  [DataType.FLOAT]: 4,
  [DataType.INT32]: 4,
  [DataType.UINT8]: 1,
  [DataType.INT64]: 8,
  [DataType.BOOL]: 1,
};

// Dimensions and int lists go to C as int64: one scratch array serves all calls, which are synchronous.
const scratch = new BigInt64Array(256);

/** The numbers as int64 in scratch memory, good until the next call of this function. */
export function int64s(values: readonly number[]): BigInt64Array {
  const target = values.length <= scratch.length ? scratch : new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) target[i] = BigInt(values[i]!);
  return target;
}

/** A TF_Tensor holding a copy of `values`; the caller deletes it. Throws ENGINE_FAILED, OUT_OF_MEMORY. */
export function allocateTensor(
  library: Library,
  shape: readonly number[],
  dtype: number,
  values: backend_util.BackendValues,
): Pointer {
  const size = bytesPerElement[dtype];
  if (size === undefined) {
    throw new AtelierError(
      'ENGINE_FAILED',
      `A tensor of float32, int32, bool or uint8 was expected, received TensorFlow type ${dtype}. ` +
        'Keep text and complex numbers in JavaScript.',
    );
  }
  const count = product(shape);
  const data = hostValues(dtype, values, count);
  if (data.byteLength !== count * size) {
    throw new AtelierError(
      'ENGINE_FAILED',
      `A tensor of shape [${shape.join(', ')}] was expected to hold ${count} values, received ${data.byteLength / size}.`,
    );
  }
  const tensor = library.TF_AllocateTensor(dtype, int64s(shape), shape.length, data.byteLength);
  if (!tensor) {
    throw new AtelierError(
      'OUT_OF_MEMORY',
      `A tensor of ${data.byteLength} bytes did not fit into memory. Lower the batch size.`,
    );
  }
  library.copy(library.TF_TensorData(tensor), data, data.byteLength);
  return tensor;
}

/** The values as the bytes TensorFlow expects; the array itself where it already has the right type. */
function hostValues(dtype: number, values: backend_util.BackendValues, count: number): ArrayBufferView {
  const numbers = values as ArrayLike<number>;
  switch (dtype) {
    case DataType.FLOAT:
      return values instanceof Float32Array ? values : Float32Array.from(numbers);
    case DataType.INT32:
      return values instanceof Int32Array ? values : Int32Array.from(numbers);
    case DataType.INT64:
      // tfjs writes an Int64Scalar as two 32-bit halves.
      if (values instanceof Int32Array && values.length === 2 * count) return values;
      return BigInt64Array.from(Array.from(numbers, BigInt));
    default:
      return values instanceof Uint8Array || values instanceof Uint8ClampedArray
        ? values
        : Uint8Array.from(numbers);
  }
}

/** The values behind an eager handle, copied out; int64 becomes int32, the widest integer tfjs has. */
export function readHandle(library: Library, handle: Pointer): Float32Array | Int32Array | Uint8Array {
  const tensor = library.TFE_TensorHandleResolve(handle, library.status);
  library.check('reading a tensor');
  try {
    const bytes = Number(library.TF_TensorByteSize(tensor));
    const buffer = new ArrayBuffer(bytes);
    library.copy(new Uint8Array(buffer), library.TF_TensorData(tensor), bytes);
    switch (library.TFE_TensorHandleDataType(handle)) {
      case DataType.FLOAT:
        return new Float32Array(buffer);
      case DataType.INT32:
        return new Int32Array(buffer);
      case DataType.INT64:
        return Int32Array.from(new BigInt64Array(buffer), Number);
      case DataType.BOOL:
      case DataType.UINT8:
        return new Uint8Array(buffer);
      default:
        throw new AtelierError('ENGINE_FAILED', 'Only numbers and booleans can be read from the engine.');
    }
  } finally {
    library.TF_DeleteTensor(tensor);
  }
}
