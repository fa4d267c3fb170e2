/** The order of a convolution's kernel: ours, and that of ONNX and PyTorch. Pure. */

/** [height, width, inputs, outputs] to [outputs, inputs, height, width]; `area` is height × width. */
export function kernelToOihw(
  kernel: Float32Array,
  area: number,
  inputs: number,
  outputs: number,
): Float32Array {
  const result = new Float32Array(kernel.length);
  eachNumber(area, inputs, outputs, (ours, theirs) => (result[theirs] = kernel[ours]!));
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
  eachNumber(area, inputs, outputs, (ours, theirs) => (result[ours] = kernel[theirs]!));
  return result;
}

/** Where each number of a kernel lies in either order. */
function eachNumber(
  area: number,
  inputs: number,
  outputs: number,
  visit: (ours: number, theirs: number) => void,
): void {
  let ours = 0;
  for (let place = 0; place < area; place += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let o = 0; o < outputs; o += 1) visit(ours++, (o * inputs + i) * area + place);
    }
  }
}
