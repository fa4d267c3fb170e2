/** Classes merged or dropped in the predictions that are kept of an evaluation. The arithmetic is recipe/statistics/what-if.ts. */
import { AtelierError } from '#contract/errors.ts';
import type { Split } from '#contract/project.ts';
import type { WhatIf, WhatIfChange, WhatIfFigures } from '#contract/what-if.ts';
import { inTurns } from '#learning/work-in-turns.ts';
import {
  classesAfter,
  figuresAfter,
  type KeptPredictions,
  mergeSuggestions,
  type WhatIfFigures as Figures,
} from '#recipe/statistics/what-if.ts';
import type { PredictionStore } from '../project/prediction-store.ts';
import type { OpenProject } from '../project/project.ts';
import type { RunClass } from '../project/runs.ts';

/** Pairs that are suggested. */
const mostSuggestions = 10;

/**
 * @returns null where the part was not evaluated
 * @throws NOT_FOUND for an unknown run or lost predictions, BAD_REQUEST for classes that cannot be changed so
 */
export async function whatIf(
  { runs }: OpenProject,
  predictions: PredictionStore,
  { runId, split, change }: { runId: string; split: Split; change: WhatIfChange },
): Promise<WhatIf | null> {
  const classes = runs.classesOf(runId);
  const asked = placesOf(classes, change);
  const evaluatedAt = runs.evaluatedAt(runId, split);
  const kept = await predictions.of(runId, split);
  if (!evaluatedAt || !kept) return null;
  const work = (of: typeof asked) => inTurns(figuresAfter(kept, of), 'merging classes');
  const named = (figures: Figures) => withNames(figures, classes);
  return {
    runId,
    split,
    evaluatedAt,
    before: named(await work({ merge: [], drop: [] })),
    after: asked.merge.length + asked.drop.length === 0 ? null : named(await work(asked)),
    suggestions: (await suggestionsOf(kept)).map(({ classes: [a, b], ...pair }) => ({
      classIds: [classes[a]!.id, classes[b]!.id] as [number, number],
      names: [classes[a]!.name, classes[b]!.name] as [string, string],
      ...pair,
    })),
  };
}

const suggested = new WeakMap<KeptPredictions, ReturnType<typeof computeSuggestions>>();
const computeSuggestions = (kept: KeptPredictions) =>
  inTurns(mergeSuggestions(kept, mostSuggestions), 'looking for classes to merge');

/** Once for the predictions that are kept: what is asked next is of the same. */
function suggestionsOf(kept: KeptPredictions): ReturnType<typeof computeSuggestions> {
  const known = suggested.get(kept) ?? computeSuggestions(kept);
  suggested.set(kept, known);
  return known;
}

/** @throws BAD_REQUEST */
function placesOf(classes: readonly RunClass[], { merge, drop }: WhatIfChange) {
  const placeOf = new Map(classes.map(({ id }, place) => [id, place]));
  const places = (ids: readonly number[]) => ids.map((id) => placeOf.get(id) ?? -1);
  const asked = { merge: merge.map(places), drop: places(drop) };
  try {
    classesAfter(classes.length, asked);
    return asked;
  } catch (cause) {
    throw new AtelierError(
      'BAD_REQUEST',
      'Expected classes that the run predicts, each named once, two or more in each merger, and two or more left in the end. Name other classes.',
      { merge, drop, classes: classes.length },
      { cause },
    );
  }
}

const withNames = (figures: Figures, classes: readonly RunClass[]): WhatIfFigures => ({
  ...figures,
  classes: figures.classes.map(({ members, ...scores }) => ({
    classIds: members.map((place) => classes[place]!.id),
    name: members.map((place) => classes[place]!.name).join(' + '),
    ...scores,
  })),
});
