/**
 * The recipes one can start from, for a project. Each is plain data: a person may change every field. Three are networks
 * of at most 100,000 parameters, trained from scratch, at the size of the project's images; which one suits the project
 * is auto-recipe.ts.
 */
import { type PresetName, Recipe } from './recipe.ts';
import { autoRecipe, fineTuned } from './auto-recipe.ts';
import { type ProjectFacts, scratchInput } from './project-facts.ts';

/** Networks from scratch. */
type ScratchName = Exclude<PresetName, 'auto' | 'fine-tune'>;

export interface Preset {
  about: string;
  recipe: Recipe;
}

const fashion = { height: 28, width: 28, channels: 1, fit: 'letterbox' };
/** One layer of few filters at full size, where time goes; most of them where maps are small. */
const plainLayers = (firstFilters: number) => [
  { kind: 'conv', filters: firstFilters },
  { kind: 'max-pool' },
  { kind: 'conv', filters: 48 },
  { kind: 'conv', filters: 48 },
  { kind: 'max-pool' },
  { kind: 'conv', filters: 64 },
  { kind: 'conv', filters: 64 },
  { kind: 'global-average-pool' },
];
const oneCycle = { kind: 'one-cycle', peakAt: 0.25 };

/** As they are for Fashion-MNIST. Parsing fills in the defaults, and proves each against the schema. */
export const presets: Record<ScratchName, Preset> = {
  seed: {
    about: 'The project this studio grew from: a plain CNN, flips, Adam. The baseline to beat.',
    recipe: Recipe.parse({
      format: 'atelier-recipe/2',
      name: 'Seed',
      preprocessing: { ...fashion, normalisation: { kind: 'custom', mean: [0.5], std: [0.5] } },
      augmentation: [
        { kind: 'vertical-flip', probability: 0.5 },
        { kind: 'horizontal-flip', probability: 0.5 },
      ],
      model: { layers: [...plainLayers(24), { kind: 'dropout', rate: 0.1 }] },
      training: {
        optimizer: { kind: 'adam' },
        learningRate: 2e-3,
        // Both flips make the task hard: at a constant rate it ended at 88 %.
        schedule: { kind: 'cosine', warmUp: 0.05 },
        batchSize: 128,
        epochs: 12,
      },
    }),
  },
  quick: {
    about: 'A good model in a few minutes on two cores.',
    recipe: Recipe.parse({
      format: 'atelier-recipe/2',
      name: 'Quick',
      preprocessing: { ...fashion, normalisation: { kind: 'measured' } },
      augmentation: [
        { kind: 'horizontal-flip', probability: 0.5 },
        { kind: 'crop', probability: 0.5, padding: 2 },
      ],
      model: { layers: plainLayers(16) },
      training: {
        optimizer: { kind: 'muon' },
        learningRate: 0.01,
        schedule: oneCycle,
        batchSize: 128,
        epochs: 9,
        weightDecay: 0.05,
        labelSmoothing: 0.05,
      },
    }),
  },
  best: {
    about: 'The most accurate we know under 100,000 parameters. Takes its time.',
    recipe: Recipe.parse({
      format: 'atelier-recipe/2',
      name: 'Best',
      preprocessing: { ...fashion, normalisation: { kind: 'measured' } },
      // No erasing: a network this small has nothing to spare for what is hidden from it (docs/results.md).
      augmentation: [
        { kind: 'horizontal-flip', probability: 0.5 },
        { kind: 'crop', probability: 1, padding: 2 },
      ],
      model: {
        // Plain at full size, residual below. All filters are multiples of 16: others are slow in bfloat16.
        layers: [
          { kind: 'conv', filters: 16 },
          { kind: 'conv', filters: 16 },
          { kind: 'max-pool' },
          { kind: 'residual', filters: 32, preActivation: true },
          { kind: 'residual', filters: 32, preActivation: true },
          { kind: 'max-pool' },
          { kind: 'residual', filters: 64, preActivation: true },
          { kind: 'batch-norm' },
          { kind: 'activation', activation: 'relu' },
          { kind: 'global-average-pool' },
        ],
      },
      training: {
        optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true },
        learningRate: 0.1,
        schedule: oneCycle,
        batchSize: 128,
        epochs: 64,
        weightDecay: 5e-3,
        labelSmoothing: 0.05,
        weightAveraging: 0.999,
      },
    }),
  },
};

/** Images of a batch: as many as the preset says, and fewer where an epoch would be a handful of steps. */
const batchFor = (images: number, most: number): number =>
  Math.min(most, Math.max(8, 2 ** Math.floor(Math.log2(images / 16))));

/** The preset at the size, in the channels and in the batches that suit the project; the network is the same. */
function scaled({ about, recipe }: Preset, facts: ProjectFacts): Preset {
  const { side, channels } = scratchInput(facts);
  const { preprocessing } = recipe;
  const factor = side / preprocessing.height;
  return {
    about,
    recipe: {
      ...recipe,
      preprocessing: { ...preprocessing, height: side, width: side, channels },
      augmentation: recipe.augmentation.map((each) =>
        each.kind === 'crop' ? { ...each, padding: Math.max(1, Math.round(each.padding * factor)) } : each,
      ),
      training: {
        ...recipe.training,
        batchSize: batchFor(facts.images, recipe.training.batchSize),
      },
    },
  };
}

/** All presets for a project, `auto` first; `fine-tune` where there is a backbone and pictures large enough for it. */
export function presetsFor(facts: ProjectFacts): { preset: PresetName; about: string; recipe: Recipe }[] {
  const kept = Object.entries(presets) as [ScratchName, Preset][];
  const others = kept.map(([preset, each]) => ({ preset, ...scaled(each, facts) }));
  const tuned = fineTuned(facts);
  return [
    { preset: 'auto', ...autoRecipe(facts, scaled(presets.quick, facts).recipe) },
    ...(tuned ? [{ preset: 'fine-tune' as const, ...tuned }] : []),
    ...others,
  ];
}
