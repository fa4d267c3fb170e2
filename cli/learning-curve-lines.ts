/** What a learning curve says, as lines for a terminal. */
import {
  type CurveOf,
  leakingCurveWords,
  learningCurveCaution,
  moreImagesWords,
} from '#contract/learning-curve.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Study } from '#contract/study.ts';
import { pointsText } from '#recipe/metrics/format.ts';
import { count, type Output, percent, table } from './output.ts';

/** Nothing of other studies. */
export async function tellLearningCurve(client: StudioClient, study: Study, output: Output): Promise<void> {
  if (study.plan.kind !== 'learning-curve') return;
  const curve = await client.improvements.learningCurve({ studyId: study.id });
  const all = [curve.overall, ...curve.classes];
  output.lines([
    '',
    ...table([
      ['class', 'images', 'now', '95 % interval', 'twice as many', '95 % interval'],
      ...all.map(rowOf),
    ]),
    '',
    ...all.map(moreImagesWords),
    ...(leakingCurveWords(curve) === null ? [] : [leakingCurveWords(curve)!]),
    learningCurveCaution,
  ]);
  output.event('study.learning-curve', { study: study.id, curve });
}

function rowOf({ name, fit }: CurveOf): string[] {
  if (!fit) return [name, '–', '–', '–', '–', '–'];
  const { to, now, twice } = fit;
  return [
    name,
    count(to),
    percent(now.value),
    `${percent(now.low)} to ${percent(now.high)}`,
    pointsText(twice.value),
    `${pointsText(twice.low)} to ${pointsText(twice.high)}`,
  ];
}
