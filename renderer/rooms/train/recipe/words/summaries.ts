/** What each section of the form holds, in a line, shown while it is folded. */
import type { Recipe } from '#recipe/recipe.ts';
import { counted } from '../../../../format.ts';
import { shownNumber } from '../../../../parts/form/number.ts';
import type { SectionId } from '../sections.ts';
import { fitNames } from './training.ts';
import { lossWords, optimizerWords, precisionNames, samplingNames, scheduleWords } from './training.ts';
import { shownLayers, shownValue } from './values.ts';

const joined = (...parts: (string | false)[]): string => parts.filter(Boolean).join(' · ');

/** @param start what the next run begins with, in words */
export function summaries({ preprocessing, augmentation, model, training }: Recipe, start: string) {
  const { optimizer, schedule, loss, earlyStopping, gradientClipping, weightAveraging } = training;
  return {
    start: joined(start, training.frozenLayers > 0 && `${counted(training.frozenLayers, 'layer')} frozen`),
    preprocessing: joined(
      `${preprocessing.width} × ${preprocessing.height}`,
      shownValue('preprocessing.channels', preprocessing.channels),
      fitNames[preprocessing.fit].toLowerCase(),
      `normalisation ${preprocessing.normalisation.kind}`,
    ),
    augmentation: shownValue('augmentation', augmentation),
    model: shownLayers(model.layers),
    length: joined(
      counted(training.epochs, 'epoch'),
      `batches of ${training.batchSize}`,
      earlyStopping !== null && 'stops early',
    ),
    optimizer: joined(
      optimizerWords[optimizer.kind].name,
      `rate ${shownNumber(training.learningRate)}`,
      scheduleWords[schedule.kind].name.toLowerCase(),
      training.weightDecay > 0 && `weight decay ${shownNumber(training.weightDecay)}`,
      gradientClipping !== null && 'gradients clipped',
      weightAveraging !== null && 'weights averaged',
    ),
    loss: joined(
      lossWords[loss.kind].name,
      training.labelSmoothing > 0 && `smoothing ${shownNumber(training.labelSmoothing)}`,
      training.classWeights.kind !== 'equal' && `class weights ${training.classWeights.kind}`,
      training.sampling !== 'shuffled' && samplingNames[training.sampling].toLowerCase(),
      `top-${training.topK}`,
    ),
    precision: joined(precisionNames[training.precision], `seed ${training.seed}`),
    json: 'The recipe as a document: copy, paste, import, save',
  } satisfies Record<SectionId, string>;
}
