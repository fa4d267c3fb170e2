/** What training lowers, and how much each class counts in it. */
import * as z from 'zod';
import { field, kind } from './field.ts';

export const Loss = z.discriminatedUnion('kind', [
  /** Of the softmax. */
  kind('cross-entropy', {
    label: 'Cross-entropy',
    help: 'The usual loss of classification.',
    also: 'softmax, categorical, log loss',
    fields: {},
  }),
  /** Each image weighted by (1 - p)^gamma of its class (Lin et al. 2017). */
  kind('focal', {
    label: 'Focal',
    help: 'Weighs images more that are still hard. For rare classes.',
    also: 'focal loss, hard examples, imbalance',
    fields: {
      gamma: field(z.number().min(0).max(10).default(2), {
        label: 'Gamma',
        help: '0 is cross-entropy; 2 is usual.',
        step: 0.25,
        span: [0, 5],
      }),
    },
  }),
]);
export type Loss = z.infer<typeof Loss>;

export const ClassWeights = z.discriminatedUnion('kind', [
  kind('equal', {
    label: 'Equal',
    help: 'Every image counts the same.',
    fields: {},
  }),
  /** Each class weighs by the inverse of its share of the images that training draws, 1 on average over them; with balanced sampling, whose classes have equal shares, that is 1 each. */
  kind('balanced', {
    label: 'Balanced',
    help: 'Images of rare classes count more, so that classes count the same.',
    also: 'inverse frequency, imbalance',
    fields: {},
  }),
  /** In the order of the classes. */
  kind('custom', {
    label: 'Custom',
    help: 'A weight of your own for each class.',
    also: 'given',
    fields: {
      weights: field(z.array(z.number().min(0).max(1000)).min(2), {
        label: 'Weights',
        help: 'One per class. 1 is usual, 0 leaves the class out of the loss.',
        step: 0.1,
        search: false,
      }),
    },
  }),
]);
export type ClassWeights = z.infer<typeof ClassWeights>;
