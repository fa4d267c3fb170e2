/**
 * Job `train`: which run may be trained, and its turn in the queue. The training itself is carry-out-training.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { partWarnings } from '#contract/part-warnings.ts';
import { type Class, trainable } from '#contract/project.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { Origin, Run } from '#contract/run.ts';
import { requireBackbone } from '#learning/backbones/backbones.ts';
import { keepBudget, summarise } from '#recipe/summary.ts';
import type { OpenProject } from '../project/project.ts';
import { keepInitial, readOrigin } from './origin.ts';
import { projectCloses } from './queue.ts';
import { carryOutTraining, endRun } from './carry-out-training.ts';
import type { JobServices } from './job-services.ts';

/** Classes that a network for this project answers with. */
export const trainableClasses = (project: OpenProject) =>
  trainable(project.classes()).map(({ id, name }) => ({ id, name }));

/** What stands in the way of a training, or null; `folds` draw their validation parts themselves. */
function notEnoughData(classes: readonly Class[], unlabelled: number, folds: boolean): AtelierError | null {
  const outputs = trainable(classes);
  const sum = (part: 'train' | 'validation') =>
    outputs.reduce((total, { counts }) => total + counts[part], 0);
  const [train, validation] = [sum('train'), sum('validation')];
  if (outputs.length >= 2 && (folds || validation > 0)) return null;
  const standing = ['NO_TRAINING_IMAGES', 'NO_VALIDATION_IMAGES'];
  const label =
    unlabelled > 0
      ? ` ${unlabelled === 1 ? '1 image is' : `${unlabelled} images are`} unlabelled: give some of them a class.`
      : '';
  const reason =
    outputs.length === 1
      ? `Only ${JSON.stringify(outputs[0]!.name)} has training images. Import images of another class, or redraw the parts.`
      : (partWarnings(classes).find(({ code }) => standing.includes(code))?.text ??
        (label === '' ? 'Import images.' : ''));
  return new AtelierError(
    'NOT_ENOUGH_DATA',
    `Expected training images of at least two classes, and validation images; received ${outputs.length} such classes, ${train} training and ${validation} validation images. ${reason}${label}`.replace(
      '  ',
      ' ',
    ),
    { classes: outputs.length, train, validation, unlabelled },
  );
}

/** @throws NOT_ENOUGH_DATA, with what to do */
export function requireEnoughData(project: OpenProject, { folds = false } = {}): void {
  const fault = notEnoughData(project.classes(), project.columns.counts().unlabelled, folds);
  if (fault) throw fault;
}

/**
 * What this project trains the recipe on.
 * @throws NOT_ENOUGH_DATA, RECIPE_INVALID, BUDGET_EXCEEDED
 */
export function requireTrainable(project: OpenProject, recipe: Recipe) {
  requireEnoughData(project);
  const classes = trainableClasses(project);
  const summary = summarise(recipe, classes.length);
  keepBudget(summary);
  return { classes, parameters: summary.parameters };
}

/**
 * For what begins with no other run's weights.
 * @throws RECIPE_INVALID where layers that have learned nothing would stay so; BACKBONE_NOT_FOUND
 */
export function requireUnfrozen({ model: { backbone }, training: { frozenLayers } }: Recipe): void {
  if (backbone !== null) return void requireBackbone(backbone);
  if (frozenLayers === 0) return;
  throw new AtelierError(
    'RECIPE_INVALID',
    `Expected training.frozenLayers 0 for random weights, received ${frozenLayers}: layers that have learned nothing would never learn. Set it to 0; only a run that begins with a backbone, or continues or fine-tunes another, may freeze layers.`,
    { path: 'training.frozenLayers', frozenLayers },
  );
}

/**
 * @param origin the run whose weights it begins with; what it takes of it is copied before this returns
 * @throws NOT_ENOUGH_DATA, RECIPE_INVALID, BUDGET_EXCEEDED; see `readOrigin` too
 */
export async function startTraining(
  services: JobServices,
  recipe: Recipe,
  name: string,
  origin?: Origin,
): Promise<Run> {
  const project = services.project();
  if (!origin) requireUnfrozen(recipe);
  const { classes, parameters } = requireTrainable(project, recipe);
  const initial = origin ? await readOrigin(services, project, origin, classes) : null;
  const run = await project.runs.create(recipe, name, classes, parameters, { origin });
  if (initial) {
    try {
      await keepInitial(project.runs.folderOf(run.id), initial);
    } catch (thrown) {
      await project.runs.delete(run.id);
      throw thrown;
    }
  }
  enqueue(services, project, run);
  return run;
}

/** Stops it after its current step; nothing where it is at rest. @throws NOT_FOUND, CONFLICT for a trial */
export function cancelTraining(services: JobServices, runId: string): Run {
  const { runs } = services.project();
  requireOwn(runs, runId, 'when its trials stop. Cancel the study');
  services.jobs.cancelRun(runId);
  return runs.get(runId);
}

/** Goes on from the last checkpoint. @throws NOT_FOUND, CONFLICT for a trial, and where the run is under way or done */
export async function resumeTraining(services: JobServices, runId: string): Promise<Run> {
  const project = services.project();
  const run = project.runs.get(runId);
  requireOwn(project.runs, runId, 'when its trials go on. Resume the study');
  const atRest = await project.runs.ends.requeue(runId, () => {
    if (!services.jobs.hasOpen(runId)) return;
    throw new AtelierError(
      'CONFLICT',
      `A job of run ${run.name} is still running. Wait for its end, or cancel it first.`,
      { runId },
    );
  });
  const queued = project.runs.get(runId);
  if (!atRest) {
    throw new AtelierError(
      'CONFLICT',
      `Expected a run that was cancelled or failed; ${run.name} is ${queued.state}. Start a new one.`,
      { runId, state: queued.state },
    );
  }
  enqueue(services, project, queued);
  return queued;
}

/** @param what the study alone says, and the way to have it said */
function requireOwn(runs: OpenProject['runs'], runId: string, what: string): void {
  const studyId = runs.studyOf(runId);
  if (studyId === null) return;
  throw new AtelierError(
    'CONFLICT',
    `Expected a run of its own; ${runId} is a trial of ${studyId}, which alone says ${what}.`,
    { runId, studyId },
  );
}

/** @throws CONFLICT, NO_PROJECT where the project was left while the run was being written */
function enqueue(services: JobServices, project: OpenProject, run: Run): void {
  if (services.project() !== project) throw projectCloses();
  services.emit({ event: 'run.changed', run });
  services.jobs.start(
    { kind: 'train', title: `Train ${run.name}`, runId: run.id },
    'training',
    async (context) => {
      await carryOutTraining(services, project, run, context);
    },
    () => endRun(services, project, run.id, { state: 'cancelled' }),
  );
}
