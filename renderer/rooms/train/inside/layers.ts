/** Layers in words, and a tile's place in a picture of tiles. Pure. */
import type { LayerPicture } from '#contract/probes.ts';
import { shape } from '../../../format.ts';

const names: Record<string, string> = {
  conv: 'Convolution',
  'depthwise-conv': 'Depthwise convolution',
  'batch-norm': 'Batch norm',
  'layer-norm': 'Layer norm',
  'max-pool': 'Max pool',
  'average-pool': 'Average pool',
  'global-average-pool': 'Global average pool',
  'squeeze-excite': 'Squeeze and excite',
  add: 'Sum with the shortcut',
};

/** "Convolution", "Max pool"; kinds without a name of their own as they are, in words. */
export function kindWords(kind: string): string {
  const plain = kind.replaceAll('-', ' ');
  return names[kind] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** "28 × 28, 16 channels", "64 values". */
export function shapeWords({ outputShape }: Pick<LayerPicture, 'outputShape'>): string {
  const channels = outputShape.at(-1) ?? 0;
  if (outputShape.length === 3)
    return `${shape(outputShape.slice(0, 2))}, ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
  return `${channels} ${channels === 1 ? 'value' : 'values'}`;
}

/** What is left out of the picture, in words; null where all is shown. */
export function leftOut({ outputShape, tiles }: Pick<LayerPicture, 'outputShape' | 'tiles'>): string | null {
  const channels = outputShape.at(-1) ?? 0;
  return outputShape.length === 3 && channels > tiles ? `the first ${tiles} of ${channels} channels` : null;
}

/** Bars of a vector: each value's share of the largest magnitude, -1 to 1. */
export function bars(values: readonly number[]): number[] {
  const top = Math.max(...values.map(Math.abs), 0);
  return values.map((value) => (top === 0 || !Number.isFinite(value) ? 0 : value / top));
}
