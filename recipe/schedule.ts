/** The schedules of the learning rate that a recipe can name. The rate at a step is learning-rate.ts. */
import * as z from 'zod';
import { field, kind } from './field.ts';

/** Climbs evenly from nearly zero. */
const warmUp = field(z.number().min(0).max(0.9).default(0), {
  label: 'Warm-up',
  help: 'Fraction of all steps in which the rate climbs.',
  also: 'warmup, ramp up',
  percent: true,
  step: 0.01,
});
const minimum = (initial: number) =>
  field(z.number().min(0).max(1).default(initial), {
    label: 'Minimum',
    help: 'As a fraction of the learning rate.',
    also: 'min lr, eta min, never below',
    percent: true,
    step: 0.001,
    span: [0, 0.1],
  });
const factor = (initial: number, most: number, help = 'The rate is multiplied by this.') =>
  field(z.number().min(0.001).max(most).default(initial), {
    label: 'Factor',
    help,
    also: 'gamma, decay',
    step: 0.05,
  });

export const Schedule = z.discriminatedUnion('kind', [
  kind('constant', {
    label: 'Constant',
    help: 'The same rate from first to last.',
    also: 'fixed, none',
    fields: { warmUp },
  }),
  kind('step', {
    label: 'Steps',
    help: 'Falls by a factor every few epochs.',
    also: 'step decay, StepLR, staircase',
    fields: {
      warmUp,
      epochs: field(z.int().min(1).max(10_000).default(10), {
        label: 'Every',
        help: 'Epochs between two falls.',
        also: 'step size',
        unit: 'epochs',
        step: 1,
      }),
      factor: factor(0.1, 1),
    },
  }),
  kind('exponential', {
    label: 'Exponential',
    help: 'Falls evenly, by the same factor with every epoch.',
    also: 'exponential decay, ExponentialLR',
    fields: { warmUp, factor: factor(0.9, 1, 'The rate is multiplied by this with every epoch.') },
  }),
  kind('cosine', {
    label: 'Cosine',
    help: 'Falls to the minimum along half a cosine.',
    also: 'cosine annealing, CosineAnnealingLR',
    fields: { warmUp, minimum: minimum(0) },
  }),
  /** Smith and Topin 2017. */
  kind('one-cycle', {
    label: 'One cycle',
    help: 'Climbs to the rate, then falls to nearly zero.',
    also: 'one cycle, OneCycleLR, super-convergence',
    fields: {
      peakAt: field(z.number().min(0.01).max(0.9).default(0.3), {
        label: 'Peak at',
        help: 'Fraction of all steps after which the rate is highest.',
        also: 'pct start',
        percent: true,
        step: 0.01,
      }),
    },
  }),
  kind('reduce-on-plateau', {
    label: 'Reduce on plateau',
    help: 'Falls whenever the validation loss stops falling.',
    also: 'ReduceLROnPlateau, adaptive',
    fields: {
      warmUp,
      patience: field(z.int().min(1).max(1000).default(3), {
        label: 'Patience of the rate',
        help: 'Epochs without a lower validation loss.',
        unit: 'epochs',
        step: 1,
      }),
      factor: factor(0.5, 0.999),
      minimum: minimum(0.001),
    },
  }),
]);
export type Schedule = z.infer<typeof Schedule>;
