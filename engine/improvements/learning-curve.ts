/** What the trainings of a learning curve say, read off their evaluations. Computed in turns, and kept until a trial changes. */
import { AtelierError } from '#contract/errors.ts';
import {
  type CurveOf,
  drawnTo,
  gainAsked,
  type FittedCurve,
  type LearningCurve,
} from '#contract/learning-curve.ts';
import {
  accuracyWith,
  fittingLearningCurve,
  gainWith,
  imagesForGain,
  type LearningCurve as Fitted,
  learningPoints,
  type LearningPoint,
} from '#learning/statistics/learning-curve.ts';
import { inTurns } from '#learning/work-in-turns.ts';
import type { OpenProject } from '../project/project.ts';
import { readSnapshot, type Snapshot } from '../project/snapshot.ts';

/** Laws that are drawn again for each curve: fewer where there are many classes, or points, each of which takes its time. */
const mostDraws = 500;
const fewestDraws = 100;
const pointsDrawn = 7500;
const manyClasses = 50;
/** Points along a curve. */
const along = 48;

const kept = new WeakMap<OpenProject, Map<string, { key: string; curve: Promise<LearningCurve> }>>();

/** @throws NOT_FOUND, BAD_REQUEST where the study is another one */
export function learningCurveOf(project: OpenProject, studyId: string): Promise<LearningCurve> {
  const { name, plan } = project.studies.get(studyId);
  if (plan.kind !== 'learning-curve')
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected a learning curve, but ${name} (${studyId}) is a ${plan.kind}. Name another study.`,
      { studyId, kind: plan.kind },
    );
  const done = project.studies.trials(studyId).flatMap(({ runId, seed }) => {
    const evaluatedAt = project.runs.evaluatedAt(runId, 'validation');
    return evaluatedAt === null ? [] : [{ runId, seed, evaluatedAt }];
  });
  const key = JSON.stringify([done, project.groups.found?.at]);
  const ofProject = kept.get(project) ?? new Map<string, { key: string; curve: Promise<LearningCurve> }>();
  kept.set(project, ofProject);
  const known = ofProject.get(studyId);
  if (known?.key === key) return known.curve;
  const curve = compute(project, studyId, done);
  ofProject.set(studyId, { key, curve });
  curve.catch(() => ofProject.delete(studyId));
  return curve;
}

async function compute(
  { runs, groups, columns }: OpenProject,
  studyId: string,
  done: readonly { runId: string; seed: number }[],
): Promise<LearningCurve> {
  const trainings: { runId: string; seed: number; classImages: number[]; confusion: number[][] }[] = [];
  let classes: { id: number; name: string }[] = [];
  let largest: Snapshot | null = null;
  for (const { runId, seed } of done) {
    const evaluation = runs.evaluation(runId, 'validation');
    const snapshot = await readSnapshot(runs.folderOf(runId));
    if (!evaluation || !snapshot) continue;
    classes = runs.classesOf(runId);
    const classImages = classes.map(() => 0);
    for (const row of snapshot.train) classImages[snapshot.labels[row]!]! += 1;
    if (snapshot.train.length > (largest?.train.length ?? 0)) largest = snapshot;
    trainings.push({ runId, seed, classImages, confusion: evaluation.confusion });
  }
  const points = learningPoints(trainings);
  const curveOf = async (classId: number | null, name: string, own: LearningPoint[]): Promise<CurveOf> => {
    const draws =
      classes.length > manyClasses ? fewestDraws : Math.round(pointsDrawn / Math.max(1, own.length));
    const work = fittingLearningCurve(own, { draws: Math.max(fewestDraws, Math.min(mostDraws, draws)) });
    const fitted = await inTurns(work, 'fitting a learning curve');
    return {
      classId,
      name,
      points: own.map((point, at) => ({ ...point, runId: trainings[at]!.runId, seed: trainings[at]!.seed })),
      fit: fitted && described(fitted),
    };
  };
  const ofClasses: CurveOf[] = [];
  for (const [at, { id, name }] of classes.entries())
    ofClasses.push(await curveOf(id, name, points.classes[at] ?? []));
  const leak =
    groups.found && largest ? leakOf(largest, (row) => groups.groupOf.get(columns.ids[row]!)) : null;
  return { studyId, leak, overall: await curveOf(null, 'all images', points.overall), classes: ofClasses };
}

/** By the groups as they are known now: nothing of the parts of then need be as it is. */
function leakOf(
  { train, validation }: Snapshot,
  groupOf: (row: number) => number | undefined,
): LearningCurve['leak'] {
  const trained = new Set<number>();
  for (const row of train) {
    const group = groupOf(row);
    if (group !== undefined) trained.add(group);
  }
  const leaked = validation.filter((row) => trained.has(groupOf(row) ?? -1)).length;
  return { images: validation.length, leaked };
}

function described(curve: Fitted): FittedCurve {
  const { from, to } = curve;
  const last = drawnTo * to;
  return {
    from,
    to,
    line: Array.from({ length: along }, (_, at) => {
      const images = from * (last / from) ** (at / (along - 1));
      return { images, ...accuracyWith(curve, images) };
    }),
    now: accuracyWith(curve, to),
    twice: gainWith(curve, 2 * to),
    forGain: imagesForGain(curve, gainAsked),
  };
}
