/** The augmentations as a person reads them. Complete by type: a kind or field without words does not compile. */
import { needsColour } from '#recipe/check-augmentation.ts';
import type { Augmentation, AugmentationKind } from '#recipe/augmentation.ts';
import type { FieldWords, WordsOf } from './field.ts';

const probability: FieldWords = {
  label: 'Probability',
  help: 'How many of the images are changed.',
  percent: true,
  step: 0.05,
};
const ofBatches: FieldWords = { ...probability, help: 'How many of the batches are changed.' };
const share = (label: string, help: string, top = 0.5, step = 0.01): FieldWords => ({
  label,
  help,
  percent: true,
  step,
  span: [0, top],
});
const alpha: FieldWords = {
  label: 'Alpha',
  help: 'Small: mostly one of the two. 1: any blend is as likely. Large: half and half.',
  step: 0.05,
  span: [0.05, 2],
};

export const augmentationWords = {
  'horizontal-flip': {
    name: 'Flip left and right',
    about: 'Mirrors the image. For things that look right either way round.',
    also: 'horizontal flip, mirror, hflip',
    fields: { probability },
    start: { kind: 'horizontal-flip', probability: 0.5 },
  },
  'vertical-flip': {
    name: 'Flip up and down',
    about: 'Turns the image upside down. For views from above or through a microscope.',
    also: 'vertical flip, mirror, vflip, upside down',
    fields: { probability },
    start: { kind: 'vertical-flip', probability: 0.5 },
  },
  crop: {
    name: 'Random crop',
    about: 'Adds a border and cuts the original size out at a random place.',
    also: 'pad, padding, random crop, translate',
    fields: {
      probability,
      padding: {
        label: 'Padding',
        help: 'Border on each side, so also the farthest move.',
        unit: 'px',
        step: 1,
        span: [1, 16],
      },
    },
    start: { kind: 'crop', probability: 1, padding: 2 },
  },
  shift: {
    name: 'Shift',
    about: 'Moves the image a little; the border is stretched into the gap.',
    also: 'translate, translation, move, width shift, height shift',
    fields: { probability, share: share('Up to', 'Share of the side, in each direction.') },
    start: { kind: 'shift', probability: 1, share: 0.1 },
  },
  rotation: {
    name: 'Rotation',
    about: 'Turns the image about its centre.',
    also: 'rotate, turn, angle, tilt',
    fields: {
      probability,
      degrees: { label: 'Up to', help: 'Either way.', unit: '°', step: 1, span: [0, 180] },
    },
    start: { kind: 'rotation', probability: 1, degrees: 10 },
  },
  scale: {
    name: 'Scale',
    about: 'Makes what is shown smaller or larger.',
    also: 'zoom, resize, random resized crop, size',
    fields: {
      probability,
      minimum: { label: 'From', help: 'Below 1 shrinks.', unit: '×', step: 0.05, span: [0.5, 1] },
      maximum: { label: 'To', help: 'Above 1 enlarges.', unit: '×', step: 0.05, span: [1, 2] },
    },
    start: { kind: 'scale', probability: 1, minimum: 0.9, maximum: 1.1 },
  },
  shear: {
    name: 'Shear',
    about: 'Slants the image along one of its axes.',
    also: 'skew, slant, affine',
    fields: {
      probability,
      degrees: { label: 'Up to', help: 'Either way.', unit: '°', step: 1, span: [0, 45] },
    },
    start: { kind: 'shear', probability: 0.5, degrees: 10 },
  },
  perspective: {
    name: 'Perspective',
    about: 'Moves the corners inwards, as if seen from the side.',
    also: 'warp, distort, distortion, projective, homography',
    fields: { probability, share: share('Up to', 'Share of half the side, for each corner.') },
    start: { kind: 'perspective', probability: 0.5, share: 0.2 },
  },
  brightness: {
    name: 'Brightness',
    about: 'Makes the whole image darker or lighter.',
    also: 'light, exposure, lighting',
    fields: { probability, share: share('Up to', 'Share of the full range, either way.') },
    start: { kind: 'brightness', probability: 0.5, share: 0.2 },
  },
  contrast: {
    name: 'Contrast',
    about: 'Makes the image flatter or harsher.',
    also: 'gamma, lighting',
    fields: { probability, share: share('Up to', 'Weaker or stronger by this much.', 0.9) },
    start: { kind: 'contrast', probability: 0.5, share: 0.2 },
  },
  'colour-jitter': {
    name: 'Colour jitter',
    about: 'Turns the hue and changes how strong colours are. Colour images only.',
    also: 'hue, saturation, HSV, tint',
    fields: {
      probability,
      hue: share('Hue up to', 'Share of a full turn of the colour circle.', 0.5),
      saturation: share('Saturation up to', 'Weaker or stronger by this much.', 1),
    },
    start: { kind: 'colour-jitter', probability: 0.5, hue: 0.05, saturation: 0.3 },
  },
  noise: {
    name: 'Gaussian noise',
    about: 'Adds grain, as a camera does in the dark.',
    also: 'grain, normal noise',
    fields: { probability, share: share('Up to', 'Standard deviation as a share of the full range.', 0.5) },
    start: { kind: 'noise', probability: 0.5, share: 0.05 },
  },
  blur: {
    name: 'Gaussian blur',
    about: 'Puts the image out of focus.',
    also: 'smooth, focus, defocus',
    fields: {
      probability,
      pixels: {
        label: 'Up to',
        help: 'Standard deviation of the blur.',
        unit: 'px',
        step: 0.1,
        span: [0.1, 5],
      },
    },
    start: { kind: 'blur', probability: 0.3, pixels: 1 },
  },
  erasing: {
    name: 'Random erasing',
    about: 'Covers a random rectangle with noise, so that no single part decides.',
    also: 'occlusion, hide, random erase',
    fields: {
      probability,
      minimum: share('At least', 'Smallest rectangle, as a share of the area.', 1),
      maximum: share('At most', 'Largest rectangle, as a share of the area.', 1),
    },
    start: { kind: 'erasing', probability: 0.5, minimum: 0.02, maximum: 0.2 },
  },
  cutout: {
    name: 'Cutout',
    about: 'Blackens a square at a random place.',
    also: 'occlusion, hide, mask, hole',
    fields: { probability, share: share('Side', 'As a share of the image’s side.', 1) },
    start: { kind: 'cutout', probability: 0.5, share: 0.3 },
  },
  mixup: {
    name: 'Mixup',
    about: 'Blends two images, and their answers, into one; behind frozen layers, what those gave.',
    also: 'mix up, manifold mixup, blend, interpolate',
    fields: { probability: ofBatches, alpha },
    start: { kind: 'mixup', probability: 0.5, alpha: 0.2 },
  },
  cutmix: {
    name: 'CutMix',
    about: 'Puts a piece of one image into another; the answer is shared by area.',
    also: 'cut mix, paste, patch',
    fields: { probability: ofBatches, alpha },
    start: { kind: 'cutmix', probability: 0.5, alpha: 1 },
  },
  'rand-augment': {
    name: 'RandAugment',
    about: 'Several changes drawn from a fixed set, all equally strong. One number to tune.',
    also: 'random augment, auto augment, autoaugment, policy',
    fields: {
      probability,
      operations: { label: 'Changes', help: 'How many follow one another.', step: 1 },
      magnitude: share('Magnitude', 'How strong each change is.', 1, 0.05),
    },
    start: { kind: 'rand-augment', probability: 1, operations: 2, magnitude: 0.3 },
  },
  'trivial-augment': {
    name: 'TrivialAugment',
    about: 'One change of random strength drawn from a fixed set. Nothing to tune.',
    also: 'trivial augment, auto augment, autoaugment, policy',
    fields: { probability, magnitude: share('Magnitude', 'How strong it can be at most.', 1, 0.05) },
    start: { kind: 'trivial-augment', probability: 1, magnitude: 1 },
  },
} satisfies WordsOf<Augmentation>;

/** The groups of the menu; the test proves that each kind stands in exactly one. */
export const augmentationGroups: readonly { name: string; kinds: readonly AugmentationKind[] }[] = [
  {
    name: 'Where things are',
    kinds: ['horizontal-flip', 'vertical-flip', 'crop', 'shift', 'rotation', 'scale', 'shear', 'perspective'],
  },
  { name: 'Light and colour', kinds: ['brightness', 'contrast', 'colour-jitter'] },
  { name: 'Sharpness', kinds: ['noise', 'blur'] },
  { name: 'Parts hidden', kinds: ['erasing', 'cutout'] },
  { name: 'Images mixed', kinds: ['mixup', 'cutmix'] },
  { name: 'Ready policies', kinds: ['rand-augment', 'trivial-augment'] },
];

/** Why this augmentation cannot be had with these channels; null where it can. */
export const augmentationRefusal = (kind: AugmentationKind, channels: 1 | 3): string | null =>
  needsColour(kind) && channels !== 3 ? 'Needs colour: set Channels to colour first.' : null;
