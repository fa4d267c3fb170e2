/** The random changes of training images that a recipe can list. What each does to pixels is learning/augment. */
import * as z from 'zod';

const probability = z.number().min(0).max(1);

/**
 * One random change of the training images. Applied in list order. Probability is each image's own, except
 * where a line says otherwise.
 */
export const Augmentation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('horizontal-flip'), probability }),
  z.strictObject({ kind: z.literal('vertical-flip'), probability }),
  /** Pads by `padding` pixels on each side and cuts the original size out at a random place. */
  z.strictObject({
    kind: z.literal('crop'),
    probability,
    padding: z.int().min(1).max(64),
  }),
  /** Moves by up to this share of the side, filling with the border's value. */
  z.strictObject({ kind: z.literal('shift'), probability, share: z.number().min(0).max(0.5) }),
  /** Turns by up to this many degrees either way, about the centre, bilinear. */
  z.strictObject({
    kind: z.literal('rotation'),
    probability,
    degrees: z.number().min(0).max(180),
  }),
  /** Enlarges about the centre by a factor from `minimum` to `maximum`, evenly on the logarithm. */
  z.strictObject({
    kind: z.literal('scale'),
    probability,
    minimum: z.number().min(0.2).max(1),
    maximum: z.number().min(1).max(5),
  }),
  /** Slants along one axis, drawn anew for each image, by up to this many degrees either way. */
  z.strictObject({ kind: z.literal('shear'), probability, degrees: z.number().min(0).max(60) }),
  /** Moves each corner inwards by up to this share of half the side. */
  z.strictObject({ kind: z.literal('perspective'), probability, share: z.number().min(0).max(0.9) }),
  /** Adds up to this share of the full range either way, the same to all pixels of an image. */
  z.strictObject({ kind: z.literal('brightness'), probability, share: z.number().min(0).max(1) }),
  /** Multiplies the distance from the image's mean by 1 ± up to this share. */
  z.strictObject({ kind: z.literal('contrast'), probability, share: z.number().min(0).max(1) }),
  /** Turns the hue by up to `hue` of a full turn either way and scales the saturation by 1 ± up to `saturation`. 3 channels only. */
  z.strictObject({
    kind: z.literal('colour-jitter'),
    probability,
    hue: z.number().min(0).max(0.5),
    saturation: z.number().min(0).max(1),
  }),
  /** Adds normal noise whose deviation is drawn up to this share of the full range. */
  z.strictObject({ kind: z.literal('noise'), probability, share: z.number().min(0).max(1) }),
  /** Gaussian blur whose deviation is drawn up to this many pixels. */
  z.strictObject({ kind: z.literal('blur'), probability, pixels: z.number().min(0.1).max(10) }),
  /** Covers a random rectangle of `minimum` to `maximum` of the area with noise (Zhong et al. 2017). */
  z.strictObject({
    kind: z.literal('erasing'),
    probability,
    minimum: z.number().min(0).max(1),
    maximum: z.number().min(0).max(1),
  }),
  /** Blackens a square of this share of the side at a random centre, cut at the border (DeVries and Taylor 2017). */
  z.strictObject({ kind: z.literal('cutout'), probability, share: z.number().min(0).max(1) }),
  /** Blends each image, and its answer, with another of the batch; the blend is Beta(alpha, alpha) (Zhang et al. 2017). Probability is the batch's. */
  z.strictObject({ kind: z.literal('mixup'), probability, alpha: z.number().min(0.01).max(10) }),
  /** Replaces a rectangle by that of another image of the batch, and the answer by its share of the area (Yun et al. 2019). Probability is the batch's. */
  z.strictObject({ kind: z.literal('cutmix'), probability, alpha: z.number().min(0.01).max(10) }),
  /**
   * `operations` changes in a row, each drawn from a fixed set, all of this magnitude (Cubuk et al. 2019). The set is
   * the paper's less histogram equalisation: nothing, shear and shift along either axis, rotation, brightness, contrast,
   * auto-contrast, sharpness, posterising, solarising, and of images of 3 channels colour. Moves come before the other
   * changes, as one.
   */
  z.strictObject({
    kind: z.literal('rand-augment'),
    probability,
    operations: z.int().min(1).max(4),
    magnitude: z.number().min(0).max(1),
  }),
  /** One change drawn from the same set, of a magnitude drawn up to this one (Müller and Hutter 2021). */
  z.strictObject({ kind: z.literal('trivial-augment'), probability, magnitude: z.number().min(0).max(1) }),
]);
export type Augmentation = z.infer<typeof Augmentation>;
export type AugmentationKind = Augmentation['kind'];
