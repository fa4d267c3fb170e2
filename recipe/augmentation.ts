/** The random changes of training images that a recipe can list. What each does to pixels is learning/augment. */
import * as z from 'zod';
import { field, kind } from './field.ts';

const probability = (initial: number, of: 'images' | 'batches' = 'images') =>
  field(z.number().min(0).max(1).default(initial), {
    label: 'Probability',
    help: `Fraction of the ${of} that are changed.`,
    also: 'p',
    percent: true,
    step: 0.05,
  });

/** A fraction from 0 to `most`, on a slider from 0 to `top`. */
const fraction = (
  initial: number,
  label: string,
  help: string,
  { most = 1, top = 0.5, step = 0.01 }: { most?: number; top?: number; step?: number } = {},
) =>
  field(z.number().min(0).max(most).default(initial), { label, help, percent: true, step, span: [0, top] });

/** Degrees up to `most`, either way. */
const degrees = (initial: number, most: number, top = most) =>
  field(z.number().min(0).max(most).default(initial), {
    label: 'Up to',
    help: 'In either direction.',
    unit: '°',
    step: 1,
    span: [0, top],
  });

const alpha = (initial: number) =>
  field(z.number().min(0.01).max(10).default(initial), {
    label: 'Alpha',
    help: 'Of Beta(α, α). Small: mostly one of the two images. 1: any blend is as likely. Large: half and half.',
    step: 0.05,
    span: [0.05, 2],
  });

const geometry = 'Geometry';
const colour = 'Brightness and colour';
const quality = 'Noise and blur';
const occlusion = 'Occlusion';
const mixing = 'Mixing images';
const policies = 'Policies';

/** One random change of the training images. Applied in list order. */
export const Augmentation = z.discriminatedUnion('kind', [
  kind('horizontal-flip', {
    label: 'Horizontal flip',
    help: 'Mirrors the image left to right. For things that look right either way round.',
    also: 'flip left and right, mirror, hflip',
    group: geometry,
    fields: { probability: probability(0.5) },
  }),
  kind('vertical-flip', {
    label: 'Vertical flip',
    help: 'Turns the image upside down. For views from above or through a microscope.',
    also: 'flip up and down, mirror, vflip, upside down',
    group: geometry,
    fields: { probability: probability(0.5) },
  }),
  /** Pads by `padding` pixels on each side and cuts the original size out at a random place. */
  kind('crop', {
    label: 'Random crop',
    help: 'Pads the image and crops the original size at a random place.',
    also: 'pad, padding, translate',
    group: geometry,
    fields: {
      probability: probability(1),
      padding: field(z.int().min(1).max(64).default(2), {
        label: 'Padding',
        help: 'Border on each side, and so the farthest move.',
        unit: 'px',
        step: 1,
        span: [1, 16],
      }),
    },
  }),
  /** Moves by up to this fraction of the side, filling with the border's value. */
  kind('shift', {
    label: 'Shift',
    help: 'Moves the image a little; the border is repeated into the gap.',
    also: 'translate, translation, move, width shift, height shift',
    group: geometry,
    fields: {
      probability: probability(1),
      fraction: fraction(0.1, 'Up to', 'Fraction of the side, in each direction.', { most: 0.5 }),
    },
  }),
  /** Turns about the centre, bilinear. */
  kind('rotation', {
    label: 'Rotation',
    help: 'Rotates the image about its centre.',
    also: 'rotate, turn, angle, tilt',
    group: geometry,
    fields: { probability: probability(1), degrees: degrees(10, 180) },
  }),
  /** Enlarges about the centre by a factor from `minimum` to `maximum`, evenly on the logarithm. */
  kind('scale', {
    label: 'Scale',
    help: 'Zooms out or in.',
    also: 'zoom, resize, random resized crop, size',
    group: geometry,
    fields: {
      probability: probability(1),
      minimum: field(z.number().min(0.2).max(1).default(0.9), {
        label: 'From',
        help: 'Below 1 zooms out.',
        unit: '×',
        step: 0.05,
        span: [0.5, 1],
      }),
      maximum: field(z.number().min(1).max(5).default(1.1), {
        label: 'To',
        help: 'Above 1 zooms in.',
        unit: '×',
        step: 0.05,
        span: [1, 2],
      }),
    },
  }),
  /** Along one axis, drawn anew for each image. */
  kind('shear', {
    label: 'Shear',
    help: 'Slants the image along one of its axes.',
    also: 'skew, slant, affine',
    group: geometry,
    fields: { probability: probability(0.5), degrees: degrees(10, 60, 45) },
  }),
  /** Moves each corner inwards. */
  kind('perspective', {
    label: 'Perspective',
    help: 'Moves the corners inwards, as if seen from the side.',
    also: 'warp, distort, distortion, projective, homography',
    group: geometry,
    fields: {
      probability: probability(0.5),
      fraction: fraction(0.2, 'Up to', 'Fraction of half the side, for each corner.', { most: 0.9 }),
    },
  }),
  /** Adds up to this fraction of the full range either way, the same to all pixels of an image. */
  kind('brightness', {
    label: 'Brightness',
    help: 'Makes the whole image darker or lighter.',
    also: 'light, exposure, lighting',
    group: colour,
    fields: {
      probability: probability(0.5),
      fraction: fraction(0.2, 'Up to', 'Fraction of the full range, in either direction.'),
    },
  }),
  /** Multiplies the distance from the image's mean by 1 ± up to this fraction. */
  kind('contrast', {
    label: 'Contrast',
    help: 'Lowers or raises the contrast.',
    also: 'lighting',
    group: colour,
    fields: {
      probability: probability(0.5),
      fraction: fraction(0.2, 'Up to', 'Weaker or stronger by this fraction.', { top: 0.9 }),
    },
  }),
  /** Raises values from 0 to 1 to a power from 1/maximum to maximum, evenly on the logarithm. */
  kind('gamma', {
    label: 'Gamma',
    help: 'Brightens or darkens the middle tones; black and white stay.',
    also: 'gamma correction, exposure, power law, lighting',
    group: colour,
    fields: {
      probability: probability(0.5),
      maximum: field(z.number().min(1).max(4).default(1.5), {
        label: 'Power up to',
        help: 'Or one over it. 1 changes nothing.',
        step: 0.05,
        span: [1, 3],
      }),
    },
  }),
  /** Turns the hue by up to `hue` of a full turn either way and scales the saturation by 1 ± up to `saturation`. 3 channels only. */
  kind('colour-jitter', {
    label: 'Colour jitter',
    help: 'Changes hue and saturation. Colour images only.',
    also: 'hue, saturation, HSV, tint',
    group: colour,
    colourOnly: true,
    fields: {
      probability: probability(0.5),
      hue: fraction(0.05, 'Hue up to', 'Fraction of a full turn of the colour circle.', { most: 0.5 }),
      saturation: fraction(0.3, 'Saturation up to', 'Weaker or stronger by this fraction.', { top: 1 }),
    },
  }),
  kind('grayscale', {
    label: 'Grayscale',
    help: 'Takes the colour away, so that the network does not rely on it. Colour images only.',
    also: 'greyscale, black and white, desaturate, RandomGrayscale, to gray',
    group: colour,
    colourOnly: true,
    fields: { probability: probability(0.1) },
  }),
  /** Normal noise whose standard deviation is drawn up to this fraction of the full range. */
  kind('noise', {
    label: 'Gaussian noise',
    help: 'Adds grain, as a camera does in the dark.',
    also: 'grain, normal noise',
    group: quality,
    fields: {
      probability: probability(0.5),
      fraction: fraction(0.05, 'Up to', 'Standard deviation, as a fraction of the full range.'),
    },
  }),
  /** Its standard deviation is drawn up to sigma. */
  kind('blur', {
    label: 'Gaussian blur',
    help: 'Puts the image out of focus.',
    also: 'smooth, focus, defocus',
    group: quality,
    fields: {
      probability: probability(0.3),
      sigma: field(z.number().min(0.1).max(10).default(1), {
        label: 'Sigma up to',
        help: 'Standard deviation of the kernel.',
        also: 'radius',
        unit: 'px',
        step: 0.1,
        span: [0.1, 5],
      }),
    },
  }),
  /** Covers a random rectangle of `minimum` to `maximum` of the area with noise (Zhong et al. 2017). */
  kind('random-erasing', {
    label: 'Random erasing',
    help: 'Covers a random rectangle with noise, so that the network does not rely on one part.',
    also: 'erasing, occlusion, hide, random erase',
    group: occlusion,
    fields: {
      probability: probability(0.5),
      minimum: fraction(0.02, 'At least', 'Smallest rectangle, as a fraction of the area.', { top: 1 }),
      maximum: fraction(0.2, 'At most', 'Largest rectangle, as a fraction of the area.', { top: 1 }),
    },
  }),
  /** A square of this fraction of the side at a random centre, cut at the border (DeVries and Taylor 2017). */
  kind('cutout', {
    label: 'Cutout',
    help: 'Blackens a square at a random place.',
    also: 'occlusion, hide, mask, hole',
    group: occlusion,
    fields: {
      probability: probability(0.5),
      fraction: fraction(0.3, 'Side', 'As a fraction of the image’s side.', { top: 1 }),
    },
  }),
  /** Blends each image, and its label, with another of the batch; the blend is Beta(alpha, alpha) (Zhang et al. 2017). */
  kind('mixup', {
    label: 'Mixup',
    help: 'Blends two images and their labels; behind frozen layers, their features.',
    also: 'mix up, manifold mixup, blend, interpolate',
    group: mixing,
    fields: { probability: probability(0.5, 'batches'), alpha: alpha(0.2) },
  }),
  /** Replaces a rectangle by that of another image of the batch, and the label by its share of the area (Yun et al. 2019). */
  kind('cutmix', {
    label: 'CutMix',
    help: 'Pastes a rectangle of one image into another; labels are mixed by area.',
    also: 'cut mix, paste, patch',
    group: mixing,
    fields: { probability: probability(0.5, 'batches'), alpha: alpha(1) },
  }),
  /**
   * `operations` changes in a row, each drawn from a fixed set, all of this magnitude (Cubuk et al. 2019). The set is
   * the paper's less histogram equalisation: nothing, shear and shift along either axis, rotation, brightness, contrast,
   * auto-contrast, sharpness, posterising, solarising, and of images of 3 channels colour. Moves come before the other
   * changes, as one.
   */
  kind('rand-augment', {
    label: 'RandAugment',
    help: 'Several changes drawn from a fixed set, all equally strong. One number to tune.',
    also: 'random augment, auto augment, autoaugment, policy',
    group: policies,
    fields: {
      probability: probability(1),
      operations: field(z.int().min(1).max(4).default(2), {
        label: 'Operations',
        help: 'Changes in a row.',
        also: 'num ops',
        step: 1,
      }),
      magnitude: fraction(0.3, 'Magnitude', 'How strong each change is.', { top: 1, step: 0.05 }),
    },
  }),
  /** One change drawn from the same set, of a magnitude drawn up to this one (Müller and Hutter 2021). */
  kind('trivial-augment', {
    label: 'TrivialAugment',
    help: 'One change of random strength drawn from a fixed set. Nothing to tune.',
    also: 'trivial augment, auto augment, autoaugment, policy',
    group: policies,
    fields: {
      probability: probability(1),
      magnitude: fraction(1, 'Magnitude', 'The strongest it can be.', { top: 1, step: 0.05 }),
    },
  }),
]);
export type Augmentation = z.infer<typeof Augmentation>;
export type AugmentationKind = Augmentation['kind'];
