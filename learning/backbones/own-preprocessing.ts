/** How a person's own backbone sees images: what its file says of it, and what must be told. Pure. */
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { refuse } from './graph.ts';
import type { ReadNetwork } from './graph-network.ts';
import type { ReadOperation } from './graph-reading.ts';

export const pixelRanges = {
  /** Mean and std of ImageNet, as torchvision and timm have them. */
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  '0..1': { mean: [0], std: [1] },
  '-1..1': { mean: [0.5], std: [0.5] },
  '0..255': { mean: [0], std: [1 / 255] },
} as const;
export type PixelRange = keyof typeof pixelRanges;

export interface PixelOptions {
  /** What the file's float input expects: (pixel / 255 − mean) / std, in the file's order of channels. */
  pixels?: PixelRange | { mean: readonly number[]; std: readonly number[] } | undefined;
  /** Of the file's input; absent: RGB. */
  channelOrder?: 'rgb' | 'bgr' | undefined;
}

/**
 * Size, channels and normalisation. Kernels of a network that wants blue first are turned round in place, so that all else is
 * as for any other.
 * @throws BACKBONE_REFUSED where the file does not say how pixels come, and nobody did
 */
export function preprocessingOf(
  { input, scaling, operations }: ReadNetwork,
  { pixels, channelOrder }: PixelOptions,
): Omit<Preprocessing, 'fit'> {
  const { height, width, channels, type } = input;
  if (type === 'uint8' && pixels !== undefined)
    refuse(
      'no --pixels, --mean or --std for a file that takes pixels as they are (uint8) and scales them itself',
      'some',
      'Leave them out.',
    );
  if (type === 'float' && pixels === undefined)
    refuse(
      'to be told how pixels come into the network, which a file with a float input does not say',
      'nothing',
      `Give --pixels ${Object.keys(pixelRanges).join('|')}, or --mean and --std, as it was trained; most from torchvision and timm want imagenet.${byItself(scaling)}`,
    );
  const given = typeof pixels === 'string' ? pixelRanges[pixels] : pixels;
  const each = (values: readonly number[], what: string) => {
    if (values.length !== 1 && values.length !== channels)
      refuse(`1 or ${channels} numbers as ${what}`, `${values.length}`, 'Give one, or one for each channel.');
    return Array.from({ length: channels }, (_, channel) => values[channel] ?? values[0]!);
  };
  const mean = each(given?.mean ?? [0], 'mean');
  const std = each(given?.std ?? [1 / 255], 'std');
  if (std.some((value) => !(value > 0)))
    refuse('a std above 0', std.join(', '), 'Give it as the network was trained.');
  // What the file does to its input comes after what is done before it.
  const factor = scaling.factor.map((value, channel) => value / (255 * std[channel]!));
  const shift = scaling.shift.map(
    (value, channel) => value - (scaling.factor[channel]! * mean[channel]!) / std[channel]!,
  );
  if (![...factor, ...shift].every(Number.isFinite) || factor.some((value) => value <= 0))
    refuse(
      'an input that grows with the pixel',
      `a factor of ${factor.join(', ')}`,
      'Export the model again.',
    );
  if (channelOrder === 'bgr') turnChannels(operations, channels);
  const turned = <T>(values: T[]) => (channelOrder === 'bgr' ? values.reverse() : values);
  const deviations = factor.map((value) => 1 / (255 * value));
  return {
    height,
    width,
    channels,
    normalisation: {
      kind: 'custom',
      mean: turned(shift.map((value, channel) => 0 - value * deviations[channel]!)),
      std: turned([...deviations]),
    },
  };
}

/** What the file does to its input before the first layer, which tells what it is made for. */
function byItself({ factor, shift }: ReadNetwork['scaling']): string {
  const plain = factor.every((value) => value === 1) && shift.every((value) => value === 0);
  const said = (values: number[]) => [...new Set(values.map((value) => value.toPrecision(4)))].join(', ');
  return plain ? '' : ` The file itself multiplies its input by ${said(factor)} and adds ${said(shift)}.`;
}

/** Kernels that see the image, for red first. */
function turnChannels(operations: readonly ReadOperation[], channels: number): void {
  if (channels !== 3) refuse('a network of 3 channels for bgr', `${channels}`, 'Leave --channels out.');
  for (const { operation, weights } of operations) {
    if (!operation.inputs.includes(-1)) continue;
    const kernel = weights.kernel;
    if (operation.kind !== 'conv' || !kernel)
      return refuse('a convolution first for bgr', operation.kind, 'Export the model for RGB.');
    const { filters } = operation;
    const result = new Float32Array(kernel.length);
    for (let at = 0; at < kernel.length; at += filters) {
      const row = at / filters;
      const to = (row - (row % 3) + (2 - (row % 3))) * filters;
      result.set(kernel.subarray(at, at + filters), to);
    }
    weights.kernel = result;
  }
}
