/** What could be done about the training of a run: how long, with what weights, augmentations and network, and its probabilities. */
import type { Improvement } from '#contract/improvements.ts';
import { trainingLengthWords } from '#contract/training-length.ts';
import { pointsText } from '#recipe/metrics/format.ts';
import { setOptions } from '#recipe/path.ts';
import type { Facts } from './facts.ts';

/** Times as many images of the largest class as of the smallest, from which on they are uneven. */
const uneven = 3;
/** Between training and validation accuracy: more than this is overfitting, less than the other none. */
const wideGap = 0.05;
const narrowGap = 0.02;
/** Training accuracy below which the network may be too small. */
const underfit = 0.9;
/** Of the calibration error, that is worth a temperature. */
const worthTemperature = 0.005;

export const ofTraining = (facts: Facts): Improvement[] => [
  ...betterRun(facts),
  longer(facts),
  ...backbone(facts),
  ...classWeights(facts),
  ...overfitting(facts),
  ...underfitting(facts),
  ...temperature(facts),
];

function betterRun({ better, run }: Facts): Improvement[] {
  if (!better) return [];
  const { id, name, gain, fixed, broken } = better;
  return [
    {
      kind: 'better-run',
      title: `Use ${name} instead`,
      effect: 'accuracy',
      gain,
      how: `Measured on the same validation images: ${name} puts ${fixed} right that this run has wrong, and ${broken} the other way (interval: Tango 1998).`,
      cost: 'minutes',
      action: { to: 'run', runId: id },
      command: `atelier compare PROJECT ${run.id} ${id}`,
    },
  ];
}

function longer({ length, run, recipe: { epochs } }: Facts): Improvement {
  const changes = { 'training.epochs': 2 * epochs };
  const again = {
    kind: 'train-longer',
    cost: 'training',
    action: { to: 'train', changes },
    command: `atelier train PROJECT --recipe ${run.id} ${setOptions(changes)}`,
  } as const;
  const how = trainingLengthWords(length);
  switch (length.verdict) {
    case 'improving':
      return {
        ...again,
        title: `Train for ${2 * epochs} epochs instead of ${epochs}`,
        effect: 'accuracy',
        gain: length.gain,
        how: `${how} A power law through the validation accuracies of its epochs.`,
      };
    case 'settled':
    case 'overfitted':
      return {
        ...again,
        title: 'Training longer will not help',
        effect: 'none',
        gain: null,
        how,
        action: null,
        command: null,
      };
    case 'few':
    case 'annealed':
      return { ...again, title: `Train once for ${2 * epochs} epochs`, effect: 'unknown', gain: null, how };
    default:
      return length.verdict satisfies never;
  }
}

function backbone({ recipe, backboneThere, better }: Facts): Improvement[] {
  if (recipe.backbone || better) return [];
  return [
    {
      kind: 'backbone',
      title: 'Begin with a pre-trained network',
      effect: 'unknown',
      gain: null,
      how: `No run that begins with one was compared with this. It helps most where images are photographs and few.${backboneThere ? '' : ' None is on this machine yet.'}`,
      cost: 'training',
      action: { to: 'preset' },
      command: 'atelier train PROJECT --recipe fine-tune',
    },
  ];
}

function classWeights({ classImages, validation: { classes }, recipe, run }: Facts): Improvement[] {
  const most = Math.max(...classImages);
  const least = Math.min(...classImages);
  if (!recipe.equalClasses || least === 0 || most < uneven * least) return [];
  const of = (images: number) => classes[classImages.indexOf(images)]!;
  const changes = { 'training.classWeights': 'balanced' };
  const recall = (images: number) => {
    const { recall: share } = of(images);
    return share === null ? '' : `, recall ${Math.round(100 * share)} %`;
  };
  return [
    {
      kind: 'class-weights',
      title: 'Weigh small classes more',
      effect: 'unknown',
      gain: null,
      how: `${of(most).name} has ${most.toLocaleString('en')} training images${recall(most)}; ${of(least).name} has ${least.toLocaleString('en')}${recall(least)}. It moves recall from large classes to small ones; accuracy may fall. Not known before a training.`,
      cost: 'training',
      action: { to: 'train', changes },
      command: `atelier train PROJECT --recipe ${run.id} ${setOptions(changes)}`,
    },
  ];
}

function gapWords({ trainAccuracy, validation }: Facts): string {
  return `It answers ${(100 * trainAccuracy!).toFixed(1)} % of the training images right and ${(100 * validation.accuracy).toFixed(1)} % of the validation images`;
}

function overfitting(facts: Facts): Improvement[] {
  const { trainAccuracy, validation, recipe } = facts;
  if (trainAccuracy === null || recipe.augmentation.length > 0) return [];
  const gap = trainAccuracy - validation.accuracy;
  if (gap < wideGap) return [];
  return [
    {
      kind: 'augmentation',
      title: 'Train with augmentation',
      effect: 'unknown',
      gain: null,
      how: `${gapWords(facts)}, and sees each as it is: what augmentation gains is at most the ${pointsText(gap).slice(1)} points between, and not known before a training. Which ones are safe for these labels is among the findings.`,
      cost: 'training',
      action: { to: 'train', changes: {} },
      command: null,
    },
  ];
}

function underfitting(facts: Facts): Improvement[] {
  const { trainAccuracy, validation, recipe } = facts;
  if (trainAccuracy === null || recipe.backbone || trainAccuracy >= underfit) return [];
  if (trainAccuracy - validation.accuracy > narrowGap) return [];
  return [
    {
      kind: 'larger-network',
      title: 'Train a larger network',
      effect: 'unknown',
      gain: null,
      how: `${gapWords(facts)}: it has not learned the training images themselves. What a larger one gains is not known before a training.`,
      cost: 'training',
      action: { to: 'preset' },
      command: 'atelier train PROJECT --recipe best',
    },
  ];
}

const measuredOn = {
  validation:
    'on the validation images. The temperature is fitted on these too: expect a little less of new ones.',
  test: 'on the test images: it was not computed on the validation images, and what is read off the test images here is no longer a surprise there.',
};
/** A rule holds more than a temperature: what leaves the rest as it was. */
const answersAll =
  'A threshold of 0, and 100 % of images known, set the temperature alone: every validation image stays answered.';

function temperature({ calibration, calibrated, run }: Facts): Improvement[] {
  if (calibrated) return [];
  if (!calibration)
    return [
      {
        kind: 'temperature',
        title: 'Find out whether its probabilities can be trusted',
        effect: 'unknown',
        gain: null,
        how: 'No accuracy is gained, but how sure it is would be known; intervals and calibration were not computed yet.',
        cost: 'minutes',
        action: { to: 'calibration' },
        command: `atelier evaluate PROJECT --run ${run.id} --split validation --intervals`,
      },
    ];
  const { split, error, scaled } = calibration;
  if (scaled === null || error - scaled < worthTemperature) return [];
  return [
    {
      kind: 'temperature',
      title: 'Set a temperature, so that probabilities are as often right as they say',
      effect: 'trust',
      gain: null,
      how: `No accuracy is gained: the expected calibration error falls from ${(100 * error).toFixed(1)} to ${(100 * scaled).toFixed(1)} %, ${measuredOn[split]} ${answersAll}`,
      cost: 'minutes',
      action: { to: 'calibration' },
      command: `atelier calibrate PROJECT --run ${run.id} --threshold 0 --known 1`,
    },
  ];
}
