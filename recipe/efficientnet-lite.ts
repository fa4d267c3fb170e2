/** EfficientNet-Lite (Tan and Le 2019, without squeeze-and-excitation and with ReLU6) as layers of a recipe. */
import type { PublishedBackbone } from './backbone-name.ts';
import { Layer } from './layer.ts';

interface Scaling {
  width: number;
  depth: number;
}

/** [expand, kernel, stride of the first, filters, repeats] of each stage, before scaling. */
const stages = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

export const scalings: Record<PublishedBackbone, Scaling> = {
  'efficientnet-lite0': { width: 1, depth: 1 },
  'efficientnet-lite2': { width: 1.1, depth: 1.2 },
};

/** Filters come in eights; rounding may not take more than a tenth. */
function scaledFilters(filters: number, { width }: Scaling): number {
  const wanted = filters * width;
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

/** The layers up to the features, [1280]: stem, inverted residuals, head and global pool. Lite keeps stem and head, first and last stage as they are. */
export function backboneLayers(name: PublishedBackbone): Layer[] {
  const scaling = scalings[name];
  const layers: unknown[] = [{ kind: 'conv', filters: 32, kernel: 3, stride: 2, activation: 'relu6' }];
  for (const [index, [expand, kernel, stride, filters, repeats]] of stages.entries()) {
    const fixed = index === 0 || index === stages.length - 1;
    const count = fixed ? repeats : Math.ceil(repeats * scaling.depth);
    for (let repeat = 0; repeat < count; repeat += 1) {
      layers.push({
        kind: 'inverted-residual',
        filters: scaledFilters(filters, scaling),
        expand,
        kernel,
        stride: repeat === 0 ? stride : 1,
      });
    }
  }
  layers.push(
    { kind: 'conv', filters: 1280, kernel: 1, activation: 'relu6' },
    { kind: 'global-average-pool' },
  );
  return layers.map((layer) => Layer.parse(layer));
}
