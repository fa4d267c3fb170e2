/**
 * The recipe that suits a project: a head on a pre-trained backbone for pictures that are large enough, else a network from
 * scratch, with augmentation, epochs and class weights that fit what is there; and why, in a sentence. Pure.
 */
import type { PublishedBackbone } from './backbone-name.ts';
import type { Augmentation } from './augmentation.ts';
import type { Model } from './model.ts';
import type { Preprocessing } from './preprocessing.ts';
import { Recipe } from './recipe.ts';
import { type BackboneDefinition, publishedBackbone, publishedTitles } from './published-backbones.ts';
import { imbalance, leastForBackbone, type ProjectFacts, scratchInput } from './project-facts.ts';

/** Beyond this, rare classes would be learned too late. */
const unequal = 2;
/** Steps that a head of one layer needs, and what one looks at. */
const headSteps = 1200;
/** Steps in which a small network from scratch has learned most of what it will. */
const scratchSteps = 800;
/** Frozen features of one view of so many images take half a minute on two cores. */
const imagesForViews = 1200;

/** Fewer than this, and what a head learns is up to chance. */
const fewImages = 60;

/** Parameters of what comes behind a backbone: a classifier of many classes. */
const roomForHead = 2_000_000;

/** What a recipe takes of a backbone: all of its layers, frozen, in front of a head, at its size and normalisation. */
export function backboneStart({ layers, parameters, preprocessing }: BackboneDefinition): {
  layers: Model['layers'];
  frozenLayers: number;
  /** The default is that of networks from scratch. */
  parameterBudget: number;
  preprocessing: Preprocessing;
} {
  return {
    layers: [...layers, { kind: 'dropout', rate: 0.2 }],
    frozenLayers: layers.length,
    parameterBudget: Math.min(50_000_000, Math.max(10_000_000, parameters + roomForHead)),
    preprocessing,
  };
}

interface Reasoned {
  /** Why it suits, in a sentence. */
  about: string;
  recipe: Recipe;
}

/** @param quick for this project */
export function autoRecipe(facts: ProjectFacts, quick: Recipe): Reasoned {
  const backbone = backboneFor(facts);
  return backbone === null ? fromScratch(facts, quick) : withBackbone(facts, backbone);
}

function backboneFor(facts: ProjectFacts): PublishedBackbone | null {
  const large = Math.min(facts.width, facts.height) >= leastForBackbone;
  return (large && facts.backbones[0]) || null;
}

/** Layers of a backbone that learn when it is fine-tuned: its last blocks and its head, where maps are small. */
const tunedLayers = 6;
const tunedEpochs = 16;
/** Of as many as a head gets: what learns in these layers needs more to look at. */
const tunedViews = 8;

const tunedAugmentation: Augmentation[] = [
  { kind: 'horizontal-flip', probability: 0.5 },
  { kind: 'scale', probability: 1, minimum: 1, maximum: 1.4 },
  { kind: 'shift', probability: 1, fraction: 0.1 },
  { kind: 'brightness', probability: 1, fraction: 0.1 },
  { kind: 'contrast', probability: 1, fraction: 0.2 },
  { kind: 'colour-jitter', probability: 1, hue: 0.02, saturation: 0.3 },
];

/** The head and the backbone's last blocks, the earlier a block the slower; null where there is no backbone for the project. */
export function fineTuned(facts: ProjectFacts): Reasoned | null {
  const backbone = backboneFor(facts);
  if (backbone === null) return null;
  const { recipe } = withBackbone(facts, backbone);
  const frozenLayers = recipe.training.frozenLayers - tunedLayers;
  return {
    about: `The last blocks of ${publishedTitles[backbone]} are trained too, each slower than the one after it; the ${frozenLayers} layers before them stay frozen.`,
    recipe: {
      ...recipe,
      name: 'Fine-tune',
      // These layers see places and colours, and must not learn those by heart.
      augmentation: tunedAugmentation,
      training: {
        ...recipe.training,
        epochs: tunedEpochs,
        // Pre-trained statistics say more than those of a few images.
        batchNorm: 'running',
        linearProbe: true,
        // The layers know much already: the last gets a third of the classifier's rate, the first that learns a twelfth.
        layerDecay: 0.7,
        learningRate: 1e-3,
        cachedViews: tunedViews * recipe.training.cachedViews,
        frozenLayers,
      },
    },
  };
}

const classWeightsFor = (facts: ProjectFacts) =>
  imbalance(facts) > unequal ? ({ kind: 'balanced' } as const) : ({ kind: 'equal' } as const);

const weightWords = (facts: ProjectFacts): string =>
  imbalance(facts) > unequal ? ' Classes are unequal, so rare ones weigh more.' : '';

function withBackbone(facts: ProjectFacts, backbone: PublishedBackbone): Reasoned {
  const { layers, frozenLayers, parameterBudget, preprocessing } = backboneStart(publishedBackbone(backbone));
  const batchSize = facts.images < 2000 ? 32 : 128;
  const stepsPerEpoch = Math.max(1, Math.floor(facts.images / batchSize));
  const epochs = Math.max(10, Math.min(60, Math.round(headSteps / stepsPerEpoch)));
  // Each view costs the backbone once more for every image.
  const views = Math.max(1, Math.min(4, Math.floor(imagesForViews / facts.images)));
  const augmentation: Augmentation[] =
    views > 1
      ? [
          { kind: 'horizontal-flip', probability: 0.5 },
          { kind: 'crop', probability: 1, padding: 16 },
        ]
      : [];
  const recipe = Recipe.parse({
    format: 'atelier-recipe/2',
    name: 'Auto',
    preprocessing,
    augmentation,
    model: { backbone, layers, parameterBudget },
    training: {
      optimizer: { kind: 'adamw' },
      learningRate: 2e-3,
      schedule: { kind: 'cosine', warmUp: 0.05 },
      batchSize,
      epochs,
      weightDecay: 0.05,
      labelSmoothing: 0.15,
      frozenLayers,
      cachedViews: views,
      classWeights: classWeightsFor(facts),
      earlyStopping: { patience: 15 },
    },
  });
  const seen = views > 1 ? `, seen in ${views} views each` : '';
  return {
    recipe,
    about: `A head on the frozen features of ${publishedTitles[backbone]}: pictures of ${facts.width} × ${facts.height} pixels are like those it was trained on, ${facts.images < fewImages ? `but ${facts.images} training images are few, so that more of them bring most` : `and ${facts.images.toLocaleString('en')} training images${seen} are enough for a head`}.${weightWords(facts)}`,
  };
}

function fromScratch(facts: ProjectFacts, quick: Recipe): Reasoned {
  const { side, channels } = scratchInput(facts);
  const { training } = quick;
  // As many steps as few images need, and no more epochs than many need.
  const stepsPerEpoch = Math.max(1, Math.floor(facts.images / training.batchSize));
  const epochs = Math.max(training.epochs, Math.min(100, Math.round(scratchSteps / stepsPerEpoch)));
  const recipe: Recipe = {
    ...quick,
    name: 'Auto',
    // Mirror images of letters, digits and signs are others.
    augmentation: quick.augmentation.filter(({ kind }) => kind !== 'horizontal-flip' || facts.colour),
    training: { ...training, epochs, classWeights: classWeightsFor(facts) },
  };
  const size = Math.min(facts.width, facts.height);
  const why =
    size < leastForBackbone
      ? `pictures of ${facts.width} × ${facts.height} pixels are too small for a pre-trained backbone`
      : 'no pre-trained backbone is on this machine (`npm start` with a network fetches one)';
  const kind = channels === 3 ? 'colour' : 'grey';
  return {
    recipe,
    about: `A small network from scratch on ${side} × ${side} ${kind} pixels: ${why}.${facts.colour ? '' : ' No mirroring, since grey pictures may be letters or digits.'}${weightWords(facts)}`,
  };
}
