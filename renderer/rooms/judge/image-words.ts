/** What lists of images in Judge say of each: label, prediction, probabilities and loss. Pure. */
import type { FindingEntry } from '#contract/findings.ts';
import type { Item } from '#contract/project.ts';
import { percent } from '../../format.ts';
import { lossOf as lossOfProbability } from '#recipe/metrics/cross-entropy.ts';
import { type ItemPrediction, lossOf, probabilityOf } from '../../state/predictions.svelte.ts';

type LabelEntry = Extract<FindingEntry, { measured: 'label' }>;

/** An image and what is said of it, by a run or by the finding that lists it. */
export interface ImageFacts {
  label: number | null;
  /** Whether that is another label than the one that it was listed for. */
  relabelled: boolean;
  said: number;
  /** Probability of the label (null where nobody knows it) and of what was said. */
  ofLabel: number | null;
  ofSaid: number;
  /** In nats; null where nobody knows the label. */
  loss: number | null;
}

/** @param listedAs the label that it had when it was evaluated, where that is known */
export function factsByRun(
  item: Item,
  prediction: ItemPrediction,
  listedAs?: ReadonlySet<number> | null,
): ImageFacts {
  const { probabilities, predicted, classIds } = prediction;
  const { classId } = item;
  return {
    label: classId,
    relabelled: listedAs ? classId === null || !listedAs.has(classId) : false,
    said: classIds[predicted]!,
    ofLabel: probabilityOf(prediction, classId),
    ofSaid: probabilities[predicted]!,
    loss: lossOf(prediction, classId),
  };
}

export function factsByFinding(item: Item, entry: LabelEntry): ImageFacts {
  const { given, suggested, givenProbability, suggestedProbability } = entry;
  const { classId } = item;
  const ofLabel = classId === given ? givenProbability : classId === suggested ? suggestedProbability : null;
  return {
    label: classId,
    relabelled: classId !== given,
    said: suggested,
    ofLabel,
    ofSaid: suggestedProbability,
    loss: ofLabel === null ? null : lossOfProbability(ofLabel),
  };
}

/** Whether another class was said than its label is; false where nothing is known of it. */
export const isWrong = (facts: ImageFacts | null): boolean => facts !== null && facts.said !== facts.label;

type Named = (classId: number | null) => string;
const share = (value: number | null) => (value === null ? '–' : percent(value, 0));

/** Two lines below a picture. */
export function captionOf(facts: ImageFacts | null, item: Item, className: Named): string {
  const own = className(item.classId);
  if (!facts) return `${own}\nno prediction`;
  const { label, relabelled, said, ofLabel, ofSaid, loss } = facts;
  const first = relabelled
    ? `now ${own}`
    : said === label
      ? `${own}, as predicted`
      : `${own} → ${className(said)}`;
  const shares = said === label ? share(ofSaid) : `${share(ofLabel)} → ${share(ofSaid)}`;
  return `${first}\n${shares}${loss === null ? '' : ` · ${loss.toFixed(2)}`}`;
}

/** The same words in the same order, as a reader says them. */
export function spokenOf(facts: ImageFacts | null, item: Item, className: Named): string {
  const words = captionOf(facts, item, className).replace('\n', ', ').replace(' · ', ', ');
  return facts && facts.loss !== null ? `${words} loss` : words;
}
