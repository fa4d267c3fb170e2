/** How the parts of a recipe are called in the window, and what a new one starts with. Complete by type. */
import type { Augmentation, AugmentationKind, Layer, LayerKind } from '#contract/recipe.ts';

export const augmentationNames: Record<AugmentationKind, string> = {
  'horizontal-flip': 'Flip left and right',
  'vertical-flip': 'Flip up and down',
  crop: 'Random crop',
  shift: 'Shift',
  rotation: 'Rotation',
  erasing: 'Random erasing',
};

export const newAugmentation: { [K in AugmentationKind]: Extract<Augmentation, { kind: K }> } = {
  'horizontal-flip': { kind: 'horizontal-flip', probability: 0.5 },
  'vertical-flip': { kind: 'vertical-flip', probability: 0.5 },
  crop: { kind: 'crop', probability: 1, padding: 2 },
  shift: { kind: 'shift', probability: 1, share: 0.1 },
  rotation: { kind: 'rotation', probability: 1, degrees: 10 },
  erasing: { kind: 'erasing', probability: 0.5, minimum: 0.02, maximum: 0.2 },
};

export const layerNames: Record<LayerKind, string> = {
  conv: 'Convolution',
  residual: 'Residual block',
  'batch-norm': 'Batch norm',
  activation: 'Activation',
  'max-pool': 'Max pool',
  'average-pool': 'Average pool',
  'global-average-pool': 'Global average pool',
  flatten: 'Flatten',
  dropout: 'Dropout',
  dense: 'Dense',
};

export const newLayer: { [K in LayerKind]: Extract<Layer, { kind: K }> } = {
  conv: { kind: 'conv', filters: 32, kernel: 3, stride: 1, batchNorm: true, activation: 'relu' },
  residual: { kind: 'residual', filters: 32, stride: 1, preActivation: false, activation: 'relu' },
  'batch-norm': { kind: 'batch-norm' },
  activation: { kind: 'activation', activation: 'relu' },
  'max-pool': { kind: 'max-pool', size: 2 },
  'average-pool': { kind: 'average-pool', size: 2 },
  'global-average-pool': { kind: 'global-average-pool' },
  flatten: { kind: 'flatten' },
  dropout: { kind: 'dropout', rate: 0.2 },
  dense: { kind: 'dense', units: 64, activation: 'relu' },
};

export const entries = <K extends string>(names: Record<K, string>) =>
  (Object.entries(names) as [K, string][]).map(([value, label]) => ({ value, label }));

/** Moves the item at `from` one place towards the start (-1) or the end (1); in place. */
export function moveBy<T>(list: T[], from: number, by: -1 | 1): void {
  const to = from + by;
  if (to < 0 || to >= list.length) return;
  [list[from], list[to]] = [list[to]!, list[from]!];
}
