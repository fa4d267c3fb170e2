/**
 * The model card, README.md of a bundle: what the model is, what it was trained on, how good it is, how to
 * run it and what it cannot do (after Mitchell et al. 2019). Text only; figures come from the evaluation.
 */
import { answerPromise, unknownPromise } from '#contract/answer-rule.ts';
import type { Parity } from '#contract/exporters.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import { formatsReadBy } from '#contract/image-formats.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { originOf } from '#learning/backbones/backbones.ts';
import { backboneTitle } from '#learning/backbones/definition.ts';
import { labelOf, valueText } from '#recipe/metrics/format.ts';
import { classMetrics, resultMetrics } from '#recipe/metrics/index.ts';
import { scoreIn } from '#recipe/metrics/stored.ts';
import { topConfusions } from '#recipe/metrics/top-confusions.ts';
import { isPublished } from '#recipe/backbone-name.ts';
import type { NamedFile } from '#learning/files/zip.ts';
import type { ExportInput } from './export-input.ts';
import { escapeMarkdown } from './report/escape.ts';

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const whole = (count: number): string => count.toLocaleString('en');
const plural = (count: number, noun: string) => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const fits: Record<Recipe['preprocessing']['fit'], string> = {
  letterbox: 'all of the image is scaled to fit, with black bars beside it',
  crop: 'the image is scaled to cover, and its middle is kept',
  stretch: 'the image is stretched, whatever its shape',
};

/** Files of a bundle that say one thing together. */
export interface Content {
  about: string;
  files: NamedFile[];
}

/**
 * Ends with a line break; headings start at level 1.
 * @param contents of the bundle, but for the card itself and the manifest
 */
export function modelCard(
  input: ExportInput,
  parameters: number,
  parity: Parity,
  contents: readonly Content[],
): string {
  const { recipe, classes, meta, evaluation } = input;
  const { height, width, channels, fit } = recipe.preprocessing;
  const engine = meta.engine
    ? `${meta.engine.kind} ${meta.engine.version} on ${meta.engine.device}`
    : 'an engine that was not recorded';
  const sections = [
    `# ${escapeMarkdown(meta.runName)}`,
    `An image classifier with ${whole(classes.length)} classes, trained with Atelier ${meta.version} from the project “${escapeMarkdown(meta.projectName)}”. It predicts one probability per class for each image.`,
    `## Classes\n\n${classes.map((name, index) => `${index}. ${escapeMarkdown(name)}`).join('\n')}`,
    `## Training\n\n` +
      `- Recipe “${escapeMarkdown(recipe.name)}” (\`recipe.json\`), run \`${meta.runId}\`, finished ${meta.trainedAt}\n` +
      `${backboneLine(recipe)}- ${plural(meta.counts.train, 'image')} to learn from, ${whole(meta.counts.validation)} to choose the best epoch, ${whole(meta.counts.test)} held out\n` +
      `- ${plural(meta.epochs, 'epoch')}; the weights of epoch ${meta.bestEpoch} were kept; ${plural(parameters, 'parameter')}\n` +
      `- Computed by ${escapeMarkdown(engine)}`,
    `## How good it is\n\n${evaluation ? accuracy(evaluation) : 'This run had not been evaluated when it was exported. Nothing is known of how good it is.'}`,
    `## How to run it\n\n\`\`\`\npip install onnxruntime numpy pillow\npython predict.py golden/0.png\n\`\`\`\n\nor\n\n\`\`\`\nnpm install --ignore-scripts onnxruntime-node sharp\nnode predict.js golden/0.png\n\`\`\`\n\n` +
      `Both packages bring their native parts with them: their install scripts, which \`--ignore-scripts\` leaves out, only try to download more. Both examples compare \`model.onnx\` with \`manifest.json\` first, skip a file that they cannot read, name it with the reason, go on, and exit with 1 where they skipped any.\n\n` +
      `\`model.onnx\` takes \`image\`, uint8 [batch, ${height}, ${width}, ${channels}] with values from 0 to 255 (${channels === 1 ? 'grey: luminance by ITU-R BT.601' : 'red, green, blue'}), and gives \`probabilities\`, float [batch, ${classes.length}], in the order of \`labels.json\`. Normalisation and softmax are inside. ${verdictOutputs(input)}` +
      `Bringing an image to ${width} × ${height} pixels is not: it is turned upright as its EXIF data says, laid on white where it is transparent, and brought to size with the kernel Lanczos of three lobes (libvips' \`lanczos3\`): ${fits[fit]} (“${fit}”).\n\n` +
      `The studio and \`atelier predict\` read ${meta.formats.join(', ')}. \`predict.js\` reads ${formatsReadBy('predict.js')} with the studio's own library, \`predict.py\` ${formatsReadBy('predict.py')} with Pillow; both take the first image of a file that holds several, and skip files of more than 8 bits a channel, which the studio brings to 8 by rules of its own. Pillow's Lanczos has as many lobes but shrinks in other steps, so that answers of \`predict.py\` to images of another size can differ a little.\n\n` +
      `ONNX Runtime ${escapeMarkdown(parity.runtime.split(' ').at(-1)!)} reproduced the studio's probabilities on ${plural(parity.images, 'image')}: they differ by ${parity.largestDifference.toExponential(1)} at most (\`parity.json\`).`,
    `## What it cannot do\n\n` +
      `- ${knows(input)}\n` +
      `- The figures above hold for images like those it was tested on. Other cameras, lighting, backgrounds or crops may do worse; try it on your own images first.\n` +
      `- It sees ${width} × ${height} ${channels === 1 ? 'grey ' : ''}pixels. What cannot be told apart at that size, it cannot tell apart.\n` +
      `- ${calibration(input)}`,
    `## Files\n\n${table(['file', 'what it is'], [...contents.map(fileRow), ['`manifest.json`', 'the SHA-256 of every other file, by which damage is found']])}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** What becomes of an image that is of no class. */
function knows({ classes, rule }: ExportInput): string {
  const only = `It knows its ${classes.length} classes and nothing else: `;
  if (!rule) return `${only}an image of none of them is still given to one.`;
  return `${only}an image of none of them is to be told by its verdict, “unknown”, which is no proof: some images that look like a class, and are of none, are given to it. ${unknownPromise(rule)} ${answerPromise(rule)}`.trimEnd();
}

function calibration({ rule }: ExportInput): string {
  if (!rule?.calibrated)
    return 'Its probabilities were not calibrated: 90 % need not mean right nine times in ten.';
  return `Its probabilities were calibrated with the temperature ${rule.temperature.toFixed(3)} on the ${whole(rule.validation.images)} validation images; of images of another kind, 90 % need not mean right nine times in ten. The figures above are of the probabilities before.`;
}

/** What the model gives beside the probabilities, under an answer rule. */
function verdictOutputs({ rule }: ExportInput): string {
  if (!rule) return '';
  const { images, answered, unsure, unknown, wrong } = rule.validation;
  return (
    `So is the answer rule: \`verdict\`, int64 [batch], is 0 for an answer, 1 where the greatest probability is below ${rule.threshold.toFixed(4)} (“unsure”), 2 where \`novelty\`, float [batch], is above ${rule.noveltyThreshold.toFixed(2)} (“unknown”, unlike all training images). ` +
    `Of the ${plural(images, 'validation image')} that it was chosen on, ${whole(answered)} were answered, ${whole(wrong)} of them wrong; ${whole(unsure)} were unsure, ${whole(unknown)} unknown. `
  );
}

/** Whose weights it began with, and under which licence they may be passed on. */
function backboneLine({ model: { backbone } }: Recipe): string {
  if (backbone === null) return '';
  const origin = originOf(backbone);
  const trained = isPublished(backbone) ? ', trained on ImageNet' : '';
  return `- Begun with the weights of ${backboneTitle(backbone)}${trained}${origin ? `: ${origin}` : ''}\n`;
}

/** Files of one folder stand as the folder. */
const fileRow = ({ about, files }: Content) => [
  [...new Set(files.map(({ name }) => `\`${name.replace(/\/.*/, '/')}\``))].join(', '),
  about,
];

const splits: Record<Evaluation['split'], string> = {
  test: 'test images, which had no part in the training',
  validation: 'validation images, by which the best epoch was chosen: expect a little less on new ones',
  train: 'images that it learned from: expect less on new ones',
};

/** The exported model is without test-time augmentation; an evaluation may have been with it. */
const ttaNotes: Record<Evaluation['tta'], string | null> = {
  none: null,
  flip: 'With test-time augmentation: the predictions for each image and its mirror image were averaged. The files here do without it, so the model may be right less often.',
  'flip-shift':
    'With test-time augmentation: the predictions for each image, its mirror image, and both shifted by a pixel each way were averaged. The files here do without it, so the model may be right less often.',
};

function accuracy(evaluation: Evaluation): string {
  const { count, split, accuracyInterval, classes } = evaluation;
  const rows = classes.map((score) => [
    escapeMarkdown(score.name),
    whole(score.support),
    ...classMetrics.map((metric) => valueText(metric, score[metric.key])),
  ]);
  const others = resultMetrics.flatMap((metric) => {
    const score = scoreIn(evaluation, metric);
    if (metric.key === 'accuracy' || score === null) return [];
    return [`${labelOf(metric, score.k)} ${valueText(metric, score.value)}`];
  });
  const mistakes = topConfusions(evaluation.confusion, 3).map(
    ({ actual, predicted, images }) =>
      `- ${escapeMarkdown(classes[actual]!.name)} taken for ${escapeMarkdown(classes[predicted]!.name)}: ${whole(images)}`,
  );
  return [
    `**${percent(evaluation.accuracy)}** right (95 % interval ${percent(accuracyInterval.low)} to ${percent(accuracyInterval.high)}) on ${whole(count)} ${splits[split]}. Also: ${others.join(', ')}.`,
    ttaNotes[evaluation.tta],
    table(['class', 'images', ...classMetrics.map(({ label }) => label)], rows),
    mistakes.length === 0 ? 'It made no mistake there.' : `Most frequent mistakes:\n\n${mistakes.join('\n')}`,
  ]
    .filter((part) => part !== null)
    .join('\n\n');
}
