/** Shape and range of what the network sees. Part of the exported graph. */
import * as z from 'zod';
import { field, fieldsOf, kind } from './field.ts';

const side = (label: string, brief: string) =>
  field(z.int().min(8).max(512), {
    section: 'preprocessing',
    label,
    help: 'Images are resized to this.',
    also: 'size, resolution, resize, input shape, image size',
    unit: 'px',
    step: 4,
    brief,
  });

const perChannel = 'One number, or one per channel';

export const Preprocessing = fieldsOf({
  /** Side lengths of the network's input in pixels. */
  width: side('Width', '… px wide'),
  height: side('Height', '… px high'),
  /** 1 is luminance (ITU-R BT.601), 3 is RGB. */
  channels: field(z.union([z.literal(1), z.literal(3)]), {
    section: 'preprocessing',
    label: 'Channels',
    help: 'Grey is faster; colour where colour tells classes apart.',
    also: 'colour, rgb, greyscale, luminance, black and white',
    options: { 1: 'Grey (1)', 3: 'Colour, RGB (3)' },
    brief: '…',
  }),
  fit: field(z.enum(['letterbox', 'crop', 'stretch']), {
    section: 'preprocessing',
    label: 'Fit',
    help: 'How images of another shape are resized. Letterbox shows the whole image and pads the rest.',
    also: 'images of another shape, letterbox, crop, stretch, aspect ratio, padding, pad',
    options: { letterbox: 'Letterbox', crop: 'Crop to fill', stretch: 'Stretch' },
    brief: '…',
  }),
  normalisation: field(
    z.discriminatedUnion('kind', [
      /** Measured when the run starts. */
      kind('measured', {
        label: 'Measured on training images',
        help: 'Mean and standard deviation of the training images.',
        fields: {},
      }),
      /** Another count of numbers than one or one per channel is refused when a network is made of it. */
      kind('custom', {
        label: 'Custom',
        help: 'A mean and a standard deviation of your own.',
        also: 'given',
        fields: {
          mean: field(z.array(z.number()).min(1).max(3).default([0.5]), {
            label: 'Mean',
            help: `${perChannel}.`,
            also: 'average',
            search: false,
          }),
          std: field(z.array(z.number().positive()).min(1).max(3).default([0.5]), {
            label: 'Std',
            help: `Standard deviation. ${perChannel}, above 0.`,
            also: 'standard deviation, deviation',
            search: false,
          }),
        },
      }),
    ]),
    {
      section: 'preprocessing',
      label: 'Normalisation',
      help: '(pixel / 255 − mean) / std',
      also: 'normalise, standardise, rescale, mean, deviation, std',
      search: { values: [{ kind: 'measured' }, { kind: 'custom', mean: [0.5], std: [0.5] }] },
      brief: 'normalisation …',
    },
  ),
});
export type Preprocessing = z.infer<typeof Preprocessing>;
