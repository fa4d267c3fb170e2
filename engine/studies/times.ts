/** What a study of the open project will take on this machine: all of its trainings, some of them at once. */
import type { Recipe } from '#recipe/recipe.ts';
import type { EngineInfo } from '#contract/run.ts';
import type { StudyPlan } from '#contract/study.ts';
import type { TimeEstimate, TrainingParts } from '#contract/times.ts';
import { coreCount } from '#learning/cores.ts';
import { expectedEpochs, rungs } from '#learning/search/halving.ts';
import { recipeOfShare } from '#learning/search/recipe-of-share.ts';
import { estimateTraining, type ToDo } from '#learning/timing/estimate.ts';
import { paceEngine } from '../jobs/timed-training.ts';
import { rangeIsKnown, toDo } from '../jobs/times.ts';
import { trainableClasses } from '../jobs/train.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { knownPaces } from '../paces.ts';
import { shareCores } from './share-cores.ts';
import { trialsInAll } from './view.ts';

/**
 * One training computes the features that the others find kept.
 * @returns null where there is nothing to train on, or nothing can be said
 * @throws RECIPE_INVALID where no network can be made of the recipe
 */
export async function estimateStudy(
  services: JobServices,
  recipe: Recipe,
  plan: StudyPlan,
  found: EngineInfo | null,
): Promise<TimeEstimate | null> {
  const project = services.project();
  const folds = plan.kind === 'cross-validation' ? plan.folds : null;
  const todo = await toDo(services, project, recipe, undefined, folds !== null);
  if (!todo) return null;
  const pool = todo.train + todo.validation;
  const validation = folds === null ? todo.validation : Math.round(pool / folds);
  const trials = trialsInAll(plan);
  const { parallel, threads } = shareCores(plan, trials, coreCount());
  const paces = knownPaces();
  const engine = paceEngine(found, recipe, threads, paces);
  const classCount = trainableClasses(project).length;
  const estimateOf = (work: Partial<ToDo>, of = recipe) =>
    estimateTraining(
      of,
      classCount,
      { ...todo, train: pool - validation, validation, evaluates: false, ...work },
      paces,
      engine,
    );
  const first = estimateOf({});
  if (first.seconds === null && !rangeIsKnown(engine)) return null;
  const next = estimateOf({ pack: 0, features: 0 });
  /** Of a learning curve: trained on a share of the images, and evaluated on the validation images. */
  const trialOf = (share: number) =>
    estimateOf(
      {
        ...{ pack: 0, features: 0, test: 0, testFeatures: 0, evaluates: true },
        train: Math.max(1, Math.round(share * todo.train)),
      },
      recipeOfShare(recipe, share),
    );
  const each = recipe.training.epochs;
  const halved =
    plan.kind === 'search' && plan.halving
      ? expectedEpochs(trials, rungs(plan.halving, each), plan.halving.reduction) / (trials * each)
      : 1;
  const curve = plan.kind === 'learning-curve' ? plan : null;
  const ofCurve = curve && curve.shares.map((share) => trialOf(share)).map((one) => one.parts);
  const sumOf = (part: 'epochs' | 'evaluation') =>
    curve!.seeds.length * ofCurve!.reduce((sum, parts) => sum + parts[part], 0);
  const parts: TrainingParts = {
    start: first.parts.start * trials,
    images: first.parts.images,
    features: first.parts.features,
    epochs: curve ? sumOf('epochs') : first.parts.epochs * trials * halved,
    evaluation: curve ? sumOf('evaluation') : 0,
  };
  // One after the other in each place; what is computed once is waited for by nobody else.
  const sum = parts.images + parts.features + (parts.start + parts.epochs + parts.evaluation) / parallel;
  const factor = sum / (first.parts.images + first.parts.features + next.parts.start + next.parts.epochs);
  return {
    seconds: first.seconds === null ? null : sum,
    low: first.low * factor,
    high: first.high * factor,
    parts,
  };
}
