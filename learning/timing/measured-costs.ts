/**
 * What networks of many kinds took on two cores of an AMD EPYC with AVX2: seconds of both processors, halved, since the machine
 * was shared. Measured with `npm run bench:step-costs`. `images` are those of the validation part, and as many trained.
 */
import type { BackboneName } from '#recipe/backbone-name.ts';

export type MeasuredCost = {
  batch: number;
  images: number;
  /** A step, the answers to all images, the features of one. */
  step: number;
  answers: number;
  feature: number | null;
} & (
  | { preset: 'quick' | 'seed' | 'best'; side: number; channels: 1 | 3 }
  /** `open`: layers that learn, of the backbone; null for all. */
  | { backbone: BackboneName; open: number | null }
);

export const measuredCosts: readonly MeasuredCost[] = [
  {
    preset: 'quick',
    side: 28,
    channels: 1,
    batch: 128,
    images: 128,
    step: 0.08137,
    answers: 0.04212,
    feature: null,
  },
  {
    preset: 'quick',
    side: 28,
    channels: 1,
    batch: 32,
    images: 64,
    step: 0.02767,
    answers: 0.04151,
    feature: null,
  },
  {
    preset: 'quick',
    side: 28,
    channels: 1,
    batch: 8,
    images: 64,
    step: 0.01017,
    answers: 0.03628,
    feature: null,
  },
  {
    preset: 'quick',
    side: 28,
    channels: 1,
    batch: 512,
    images: 512,
    step: 0.2848,
    answers: 0.07054,
    feature: null,
  },
  {
    preset: 'quick',
    side: 64,
    channels: 3,
    batch: 128,
    images: 128,
    step: 0.36979,
    answers: 0.17362,
    feature: null,
  },
  {
    preset: 'quick',
    side: 32,
    channels: 3,
    batch: 64,
    images: 64,
    step: 0.04755,
    answers: 0.04673,
    feature: null,
  },
  {
    preset: 'seed',
    side: 28,
    channels: 1,
    batch: 128,
    images: 128,
    step: 0.06648,
    answers: 0.03179,
    feature: null,
  },
  {
    preset: 'seed',
    side: 64,
    channels: 3,
    batch: 32,
    images: 64,
    step: 0.09108,
    answers: 0.17924,
    feature: null,
  },
  {
    preset: 'best',
    side: 28,
    channels: 1,
    batch: 128,
    images: 128,
    step: 0.08398,
    answers: 0.04053,
    feature: null,
  },
  {
    preset: 'best',
    side: 32,
    channels: 3,
    batch: 32,
    images: 64,
    step: 0.03006,
    answers: 0.05483,
    feature: null,
  },
  {
    backbone: 'efficientnet-lite0',
    open: 0,
    batch: 32,
    images: 64,
    step: 0.00056,
    answers: 0.00035,
    feature: 0.00937,
  },
  {
    backbone: 'efficientnet-lite0',
    open: 0,
    batch: 128,
    images: 128,
    step: 0.0012,
    answers: 0.0005,
    feature: 0.00931,
  },
  {
    backbone: 'efficientnet-lite0',
    open: 6,
    batch: 32,
    images: 64,
    step: 0.26836,
    answers: 0.13445,
    feature: 0.00751,
  },
  {
    backbone: 'efficientnet-lite0',
    open: 3,
    batch: 128,
    images: 128,
    step: 0.34226,
    answers: 0.08857,
    feature: 0.00974,
  },
  {
    backbone: 'efficientnet-lite0',
    open: 12,
    batch: 16,
    images: 64,
    step: 0.33365,
    answers: 0.28784,
    feature: 0.00488,
  },
  {
    backbone: 'efficientnet-lite0',
    open: null,
    batch: 16,
    images: 64,
    step: 0.73226,
    answers: 1.02558,
    feature: null,
  },
  {
    backbone: 'efficientnet-lite2',
    open: 0,
    batch: 32,
    images: 64,
    step: 0.00054,
    answers: 0.00029,
    feature: 0.0195,
  },
  {
    backbone: 'efficientnet-lite2',
    open: 6,
    batch: 32,
    images: 64,
    step: 0.41234,
    answers: 0.20119,
    feature: 0.01636,
  },
];
