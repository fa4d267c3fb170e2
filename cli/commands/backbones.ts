/**
 * `atelier backbones`: the pre-trained networks that a recipe may begin with; adding one from an ONNX file or a TensorFlow.js
 * model, which is read and never run, and removing one that was added.
 */
import { didYouMean } from '#contract/nearest.ts';
import { backboneNames, OwnBackbone } from '#recipe/backbone-name.ts';
import { AtelierError } from '#contract/errors.ts';
import { visible } from '#contract/visible.ts';
import { isFound, originOf } from '#learning/backbones/backbones.ts';
import { backboneTitle } from '#learning/backbones/definition.ts';
import {
  addOwn,
  listOwn,
  type OwnDescription,
  type OwnOptions,
  readOwn,
  removeOwn,
} from '#learning/backbones/own.ts';
import { type PixelRange, pixelRanges } from '#learning/backbones/own-preprocessing.ts';
import { type Command, text, type Values } from '../command.ts';
import { count, type Output, table, usage } from '../output.ts';

const subcommands = ['list', 'add', 'remove'] as const;
const sizes = /^(\d{1,4})(?:x(\d{1,4}))?$/;

export const backbonesCommand: Command = {
  name: 'backbones',
  words: '[list | add FILE | remove NAME]',
  about:
    'list the pre-trained networks; add one from an ONNX file, or a model.json of TensorFlow.js with its weights beside it, which shows what was read and keeps it with --yes; remove one that was added',
  needsEngine: false,
  options: {
    yes: { type: 'boolean', about: 'add: keep it, as it was shown' },
    name: {
      type: 'string',
      value: 'NAME',
      about: 'add: what it is called (the name of the file, or of the folder of a model.json, if absent)',
    },
    pixels: {
      type: 'string',
      value: Object.keys(pixelRanges).join('|'),
      about: 'add: what a float input expects of a pixel; a file of uint8 says so itself',
    },
    mean: { type: 'string', value: 'M[,M,M]', about: 'add: in place of --pixels, of pixel / 255' },
    std: { type: 'string', value: 'D[,D,D]', about: 'add: beside --mean' },
    channels: {
      type: 'string',
      value: 'rgb|bgr',
      about: "add: order of the input's channels (rgb if absent)",
    },
    size: {
      type: 'string',
      value: 'N|HxW',
      about: 'add: pixels of the input, where the file leaves them open',
    },
    output: {
      type: 'string',
      value: 'TENSOR',
      about:
        'add: the tensor, node or layer that gives the features (what the last classifier looks at if absent)',
    },
    licence: {
      type: 'string',
      value: 'TEXT',
      about: 'add: under which it may be passed on; stands in bundles',
    },
  },
  least: 0,
  most: 2,
  async run({ words: [subcommand = 'list', given, ...rest], values, output }) {
    if (
      !subcommands.some((known) => known === subcommand) ||
      rest.length > 0 ||
      (subcommand === 'list') !== (given === undefined)
    ) {
      throw usage(
        `Expected: atelier backbones ${backbonesCommand.words}.${didYouMean(subcommand, subcommands)} See: atelier help backbones.`,
      );
    }
    if (subcommand === 'list') return list(output);
    if (subcommand === 'add') return add(given!, values, output);
    return remove(given!, output);
  },
};

function list(output: Output): void {
  const own = listOwn();
  const known = [...backboneNames, ...own.map(({ name }) => name)].map((name) => ({
    name,
    title: backboneTitle(name),
    found: isFound(name),
    origin: originOf(name),
  }));
  output.lines(
    table([
      ['name', 'from'],
      ...known.map(({ name, origin }) => [
        name,
        visible(origin ?? 'not on this machine: run `npm start` with a network'),
      ]),
    ]),
  );
  output.event('backbones', { backbones: known });
}

/** @throws USAGE, BACKBONE_REFUSED, FILE_NOT_READABLE */
async function add(file: string, values: Values, output: Output): Promise<void> {
  const candidate = await readOwn(file, optionsOf(values));
  const { description } = candidate;
  output.lines(told(description));
  output.event('backbone.read', { ...description, layers: description.layers.length });
  if (values.yes !== true) {
    output.line('Nothing was kept yet. If this is right, give the same command with --yes.');
    return;
  }
  await addOwn(candidate);
  output.line(
    `Added ${description.name}: choose it in Train, by atelier train --backbone, or by atelier embed --by.`,
  );
  output.event('backbone.added', { name: description.name });
}

/** What was read, in a table of a few lines. */
function told({ name, layers, parameters, preprocessing, features, source }: OwnDescription): string[] {
  const { height, width, channels, normalisation } = preprocessing;
  const numbers = (values: readonly number[]) =>
    values.map((value) => Number(value.toPrecision(6))).join(', ');
  const seen =
    normalisation.kind === 'custom'
      ? `(pixel / 255 − mean) / std, mean ${numbers(normalisation.mean)}, std ${numbers(normalisation.std)}, red first`
      : normalisation.kind;
  return table([
    ['Name', name],
    [
      'File',
      `${visible(source.file)}, SHA-256 ${source.sha256}${/\.json$/i.test(source.file) ? ' (with its weights)' : ''}`,
    ],
    ['Input', `${height} × ${width} pixels, ${channels === 1 ? 'grey' : 'colour'}`],
    ['Normalisation', channels === 1 ? seen.replace(', red first', '') : seen],
    ['Features', `${count(features.count)} numbers: ${visible(features.from)}`],
    ['Network', `${layers.length} layers, ${count(parameters)} parameters`],
  ]);
}

/** @throws USAGE, NOT_FOUND */
async function remove(given: string, output: Output): Promise<void> {
  const own = listOwn().map(({ name }) => name);
  const matching = own.filter((name) => name === given || backboneTitle(name) === given);
  const [name, ...others] = matching;
  if (name === undefined) {
    if ((backboneNames as readonly string[]).includes(given))
      throw usage(`Expected the name of a backbone that was added, received ${given}, which set-up fetches.`);
    throw new AtelierError(
      'NOT_FOUND',
      `Expected one of ${own.join(', ') || 'no backbone, as none was added'}, received ${visible(given)}. See: atelier backbones.`,
      { name: given },
    );
  }
  if (others.length > 0)
    throw usage(`Expected one name, ${given} is ${matching.join(' and ')}. Name it with its digest.`);
  await removeOwn(OwnBackbone.parse(name));
  output.line(`Removed ${name}. Runs that began with it keep their weights.`);
  output.event('backbone.removed', { name });
}

/** @throws USAGE */
function optionsOf(values: Values): OwnOptions {
  const pixels = text(values.pixels);
  const [mean, std] = [numbersOf('mean', values), numbersOf('std', values)];
  if (pixels !== undefined && !(pixels in pixelRanges))
    throw usage(
      `Expected --pixels ${Object.keys(pixelRanges).join('|')}, received ${JSON.stringify(pixels)}.`,
    );
  if ((mean === undefined) !== (std === undefined) || (pixels !== undefined && mean !== undefined))
    throw usage('Expected --pixels, or --mean and --std together.');
  const channelOrder = text(values.channels);
  if (channelOrder !== undefined && channelOrder !== 'rgb' && channelOrder !== 'bgr')
    throw usage(`Expected --channels rgb or bgr, received ${JSON.stringify(channelOrder)}.`);
  const size = text(values.size);
  const sides = size === undefined ? null : sizes.exec(size);
  if (size !== undefined && !sides)
    throw usage(`Expected --size as 224 or 224x192 (height x width), received ${JSON.stringify(size)}.`);
  return {
    name: text(values.name),
    output: text(values.output),
    licence: text(values.licence),
    channelOrder,
    pixels: pixels === undefined ? mean && { mean, std: std! } : (pixels as PixelRange),
    ...(sides && { size: { height: Number(sides[1]), width: Number(sides[2] ?? sides[1]) } }),
  };
}

function numbersOf(name: 'mean' | 'std', values: Values): number[] | undefined {
  const given = text(values[name]);
  if (given === undefined) return undefined;
  const numbers = given.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (numbers.length > 3 || !numbers.every(Number.isFinite))
    throw usage(
      `Expected one to three numbers with commas between for --${name}, received ${JSON.stringify(given)}.`,
    );
  return numbers;
}
