/** For tests: imported layers that together have every operation, at 8 × 8 × 3 and above. No part of the product. */
import { ImportedActivation, type ImportedOperation } from './imported-layer.ts';

const imported = (...operations: ImportedOperation[]) => [{ kind: 'imported', operations }];
const conv = (inputs: number[], filters: number): ImportedOperation => ({
  kind: 'conv',
  inputs,
  filters,
  kernel: 3,
  stride: 1,
  padding: [1, 1, 1, 1],
  bias: true,
});

export const importedRows: unknown[][] = [
  // As PyTorch begins a network: padding on both sides alike, and a pool whose windows overlap.
  imported(
    { kind: 'conv', inputs: [-1], filters: 4, kernel: 3, stride: 2, padding: [1, 1, 1, 1], bias: false },
    { kind: 'batch-norm', inputs: [0], epsilon: 1e-5 },
    { kind: 'activation', inputs: [1], activation: 'relu' },
    { kind: 'max-pool', inputs: [2], size: 3, stride: 2, padding: [1, 1, 1, 1] },
  ),
  imported(
    conv([-1], 4),
    { kind: 'depthwise-conv', inputs: [0], kernel: 5, stride: 2, padding: [2, 1, 2, 2], bias: true },
    { kind: 'activation', inputs: [1], activation: 'hard-swish' },
    { kind: 'global-average-pool', inputs: [2] },
    { kind: 'dense', inputs: [3], units: 4 },
    { kind: 'activation', inputs: [4], activation: 'hard-sigmoid' },
    { kind: 'multiply', inputs: [2, 5] },
  ),
  imported(
    conv([-1], 3),
    { kind: 'add', inputs: [0, -1] },
    { kind: 'conv', inputs: [1], filters: 2, kernel: 1, stride: 2, padding: 'same', bias: true },
    { kind: 'average-pool', inputs: [1], size: 1, stride: 2 },
    { kind: 'concatenate', inputs: [2, 3] },
    { kind: 'layer-norm', inputs: [4], epsilon: 1e-5 },
    { kind: 'flatten', inputs: [5] },
    { kind: 'dense', inputs: [6], units: 5 },
  ),
  ...ImportedActivation.options
    .filter((activation) => activation !== 'linear')
    .map((activation) => imported(conv([-1], 4), { kind: 'activation', inputs: [0], activation })),
];
