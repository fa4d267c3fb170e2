/**
 * What a training of the open project will take on this machine: the project's counts, what of its images is kept
 * already, and the paces of earlier trainings, put into the model of learning/timing.
 */
import type { Recipe } from '#recipe/recipe.ts';
import type { EngineInfo, Origin } from '#contract/run.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { keptOperations } from '#recipe/frozen.ts';
import { planOf } from '#recipe/plan.ts';
import { estimateTraining, type ToDo } from '#learning/timing/estimate.ts';
import type { PaceEngine } from '#learning/timing/paces.ts';
import { knownPaces } from '../paces.ts';
import type { OpenProject } from '../project/project.ts';
import { fileToBeginWith } from './origin.ts';
import { paceEngine, sourcePixelsOf } from './timed-training.ts';
import { trainableClasses } from './train.ts';
import type { JobServices } from './job-services.ts';

/** Where a GPU computes, or another engine, only what was measured there says anything. */
export const rangeIsKnown = ({ kind, device }: PaceEngine) =>
  kind === 'tensorflow' && !device.endsWith('GiB)');

/**
 * @param found the engine of this machine, as far as it is known
 * @returns null where there is nothing to train on, or nothing can be said
 * @throws RECIPE_INVALID where no network can be made of the recipe
 */
export async function estimateRun(
  services: JobServices,
  recipe: Recipe,
  origin: Origin | undefined,
  found: EngineInfo | null,
): Promise<TimeEstimate | null> {
  const project = services.project();
  const todo = await toDo(services, project, recipe, origin);
  if (!todo) return null;
  const paces = knownPaces();
  const engine = paceEngine(found, recipe, null, paces);
  const classCount = trainableClasses(project).length;
  const estimate = estimateTraining(recipe, classCount, { ...todo, evaluates: true }, paces, engine);
  return estimate.seconds === null && !rangeIsKnown(engine) ? null : estimate;
}

/**
 * @param inFolds whether each image is trained on and validated in turn: then `features` are those of all folds
 * @returns null where there is nothing to train on
 */
export async function toDo(
  services: JobServices,
  project: OpenProject,
  recipe: Recipe,
  origin: Origin | undefined,
  inFolds = false,
): Promise<Omit<ToDo, 'evaluates'> | null> {
  const { columns } = project;
  const classes = new Set(trainableClasses(project).map(({ id }) => id));
  const rowsOf = (part: 'train' | 'validation' | 'test') =>
    columns.ofSplit(part).filter((row) => classes.has(columns.classIds[row]!));
  const [train, validation, test] = [rowsOf('train'), rowsOf('validation'), rowsOf('test')];
  if (classes.size < 2 || train.length === 0) return null;
  const counts = { train: train.length, validation: validation.length, test: test.length };
  const keeps = keptOperations(planOf(recipe, classes.size), recipe) > 0;
  const pool = [...train, ...validation];
  const initial = origin ? await fileToBeginWith(project, origin) : null;
  const { images, features, testFeatures } = await services.warm.run('missing', {
    project: project.path,
    recipe,
    classCount: classes.size,
    lastItemId: columns.ids[columns.length - 1]!,
    initial,
    // Where nothing is kept of single images, which they are does not matter.
    train: keeps ? (inFolds ? pool : [...train]) : [],
    validation: keeps ? (inFolds ? pool : [...validation]) : [],
    test: keeps ? [...test] : [],
  });
  return { ...counts, pack: images, features, testFeatures, sourcePixels: sourcePixelsOf(project) };
}
