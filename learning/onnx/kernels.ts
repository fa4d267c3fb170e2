/** The order of a convolution's kernel: ours, and that of ONNX and PyTorch. Pure. */

/**
 * @param to `oihw`: from ours, [height, width, inputs, outputs], to [outputs, inputs, height, width]; `hwio`: back
 * @param area height × width
 */
export function reorderedKernel(
  kernel: Float32Array,
  to: 'oihw' | 'hwio',
  area: number,
  inputs: number,
  outputs: number,
): Float32Array {
  const result = new Float32Array(kernel.length);
  let ours = 0;
  for (let place = 0; place < area; place += 1) {
    for (let input = 0; input < inputs; input += 1) {
      for (let output = 0; output < outputs; output += 1) {
        const theirs = (output * inputs + input) * area + place;
        if (to === 'oihw') result[theirs] = kernel[ours]!;
        else result[ours] = kernel[theirs]!;
        ours += 1;
      }
    }
  }
  return result;
}
