/** What a report says of the images that its figures are of: which they are, whether images of the training look like them, how often they were looked at, and which labels they had. */
import type { Evaluation } from '#contract/evaluation.ts';
import type { EvaluatedLabels } from '#contract/repair.ts';
import { earlierUseWords, type Leak, type UsesOfVersion, usesWords } from '#contract/splits.ts';
import { plural, whole } from '../run-words.ts';
import type { Block } from './block.ts';

export interface Tested {
  /** Images of the evaluation that have one of their group (look-alikes, or what a person said belongs together) among those that the run trained on; null where groups were never looked for. */
  leak: Leak | null;
  /** Uses of the test part that was evaluated, this evaluation among them; null of another part, or where its version was not kept. */
  uses: UsesOfVersion | null;
  /** Whether the project has that very part now; null where that is not known. */
  present: boolean | null;
  /** null where the predictions are lost. */
  labels: Pick<EvaluatedLabels, 'then' | 'relabelled' | 'gone'> | null;
}

export const testedBlocks = (evaluation: Evaluation, tested: Tested): Block[] => [
  { kind: 'heading', level: 2, text: 'What it was tested on' },
  {
    kind: 'list',
    items: [
      partLine(evaluation, tested),
      leakLine(evaluation, tested),
      ...(tested.uses ? [usesLine(tested.uses)] : []),
      ...(tested.labels ? [labelsLine(tested.labels, tested.present !== false)] : []),
      ...evaluation.leftOut.map(
        ({ name, images }) =>
          `${plural(images, 'image')} of ${name} left out: it is no class that the run can give`,
      ),
    ],
  },
];

function partLine({ count, split, partVersion, evaluatedAt }: Evaluation, { present }: Tested): string {
  const version = partVersion === null ? 'a version that was not kept' : `version ${partVersion}`;
  const since =
    present === false && split === 'test'
      ? '; the project has another test part now, so figures of other runs may be of other images'
      : '';
  return `${plural(count, 'image')} of the ${split} part (${version}), evaluated on ${evaluatedAt}${since}`;
}

function leakLine({ split }: Evaluation, { leak }: Tested): string {
  if (!leak) return 'Nobody has looked for look-alikes between the parts: the figures may say too much';
  if (leak.leaked === 0)
    return `None of the ${plural(leak.images, `${split} image`)} was found to look like, or to belong to a group with, one that it trained on`;
  return `${whole(leak.leaked)} of ${plural(leak.images, `${split} image`)} ${leak.leaked === 1 ? 'looks like, or belongs' : 'look like, or belong'} to a group with, one that it trained on: what is measured there says too much`;
}

function usesLine(uses: UsesOfVersion): string {
  const earlier = earlierUseWords(uses);
  return `Uses of this test part so far: ${usesWords(uses) ?? 'none that was counted'}${earlier ? `; ${earlier}` : ''}`;
}

/** @param kept whether the part is still there: of another one nothing can be said to have changed */
function labelsLine({ then, relabelled, gone }: NonNullable<Tested['labels']>, kept: boolean): string {
  const changes = [
    ...(relabelled > 0 ? [`${plural(relabelled, 'image')} got another label`] : []),
    ...(gone > 0 ? [`${plural(gone, 'image')} went from the part`] : []),
  ];
  const since = changes.length > 0 ? changes.join(', and ') : 'none of them changed';
  return `Version of its labels: ${then.slice(0, 6)}${kept ? `; since then ${since}` : ''}`;
}
