/** The order of a convolution's kernel: ours, and that of ONNX and PyTorch. Pure. */

/** [height, width, inputs, outputs] to [outputs, inputs, height, width]; `area` is height × width. */
export function kernelToOihw(
  kernel: Float32Array,
  area: number,
  inputs: number,
  outputs: number,
): Float32Array {
  const result = new Float32Array(kernel.length);
  let from = 0;
  for (let place = 0; place < area; place += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let o = 0; o < outputs; o += 1) result[(o * inputs + i) * area + place] = kernel[from++]!;
    }
  }
  return result;
}

/** [outputs, inputs, height, width] to [height, width, inputs, outputs]. */
export function kernelFromOihw(
  kernel: Float32Array,
  area: number,
  inputs: number,
  outputs: number,
): Float32Array {
  const result = new Float32Array(kernel.length);
  let to = 0;
  for (let place = 0; place < area; place += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let o = 0; o < outputs; o += 1) result[to++] = kernel[(o * inputs + i) * area + place]!;
    }
  }
  return result;
}
