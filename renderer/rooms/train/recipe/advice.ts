/** What this project, this machine and the rest of the recipe make of a field: beyond the table of fields, which knows none of them. Pure. */
import type { Json } from '#contract/errors.ts';
import type { FieldPath } from '#recipe/fields.ts';
import type { Bounds } from '#recipe/number.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { changesOfViews } from '#recipe/views.ts';
import type { Origin } from '#contract/run.ts';
import { counted } from '../../../format.ts';
import { balancedWeights } from './class-weights.ts';

export interface Advice {
  /** In place of the field's own. */
  help?: string;
  /** Cannot be set here and now. */
  hidden?: boolean;
  disabled?: boolean;
  /** Values of a choice that cannot be had. */
  refused?: readonly (string | number)[];
  /** Narrower than the schema's. */
  bounds?: Bounds;
  /** How many numbers a list may have. */
  counts?: readonly number[];
  /** What a kind begins with that cannot begin by itself; null leaves it to the schema. */
  initial?: (kind: string) => Json | null;
}

export interface Situation {
  recipe: Recipe;
  /** Training images. */
  images: number;
  /** Training images of each class that has any. */
  classes: readonly number[];
  /** What the next run starts from. */
  origin: Origin | null;
  /** Why bfloat16 cannot be had here; null where it can, or is not known yet. */
  bfloat16: string | null;
}

type Adviser = (situation: Situation) => Advice;

/** Layers that have learned something before may stay as they are. */
const hasWeights = ({ recipe, origin }: Situation) => origin !== null || recipe.model.backbone !== null;

const advisers: Partial<Record<FieldPath, Adviser>> = {
  'preprocessing.normalisation': ({ recipe }) => ({
    counts: recipe.preprocessing.channels === 3 ? [1, 3] : [1],
  }),
  'training.batchSize': ({ recipe, images }) => {
    // Whole batches only; images fewer than a batch make one.
    const steps = Math.max(1, Math.floor(images / recipe.training.batchSize));
    return images > 0
      ? {
          help: `Images per step. Larger: fewer, less noisy steps and more memory. Now ${counted(steps, 'step')} an epoch.`,
        }
      : {};
  },
  'training.classWeights': ({ recipe, classes }) => ({
    disabled: classes.length < 2,
    initial: (kind) => {
      if (kind !== 'custom') return null;
      // What was balanced is a good start for numbers of one's own.
      const { classWeights } = recipe.training;
      const weights = classWeights.kind === 'balanced' ? balancedWeights(classes) : classes.map(() => 1);
      return { kind, weights: weights.map((weight) => Number(weight.toPrecision(3))) };
    },
  }),
  'training.frozenLayers': (situation) => {
    const { recipe } = situation;
    const bounds = { max: recipe.model.layers.length };
    if (hasWeights(situation)) return { bounds };
    return recipe.training.frozenLayers > 0
      ? { bounds, help: 'Random weights are all trained: this waits for a backbone or a run to start from.' }
      : { hidden: true };
  },
  'training.cachedViews': ({ recipe }) => ({
    hidden: recipe.training.frozenLayers === 0,
    ...(changesOfViews(recipe).length === 0 && {
      help: 'Without augmentation there is one view: the image itself.',
    }),
  }),
  'training.batchNorm': (situation) => {
    if (hasWeights(situation)) return {};
    return situation.recipe.training.batchNorm === 'running'
      ? {
          help: 'Random weights have no running statistics yet: this waits for a backbone or a run to start from.',
        }
      : { hidden: true };
  },
  'training.linearProbe': (situation) => {
    if (!hasWeights(situation)) return { hidden: !situation.recipe.training.linearProbe };
    return situation.origin?.how === 'continue'
      ? { disabled: true, help: 'A run that is continued keeps its classifier.' }
      : {};
  },
  'training.precision': ({ bfloat16 }) => ({ refused: bfloat16 === null ? [] : ['bfloat16'] }),
};

export const adviceOn = (path: string, situation: Situation): Advice =>
  advisers[path as FieldPath]?.(situation) ?? {};
