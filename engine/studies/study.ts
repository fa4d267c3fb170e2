/**
 * Job `study`: which study may be carried out, and its turn in the queue. How it is carried out is study-runner.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { type Study, studyKindWords, type StudyPlan } from '#contract/study.ts';
import { keepBudget, summarise } from '#recipe/summary.ts';
import { checkSpace } from '#learning/search/check.ts';
import type { OpenProject } from '../project/project.ts';
import { projectCloses } from '../jobs/queue.ts';
import { requireStudyAtRest } from '../jobs/study-rest.ts';
import { requireUnfrozen } from '../jobs/train.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { carryOutStudy, endStudy } from './study-runner.ts';
import { checkStudyData } from './data.ts';
import { studyOf } from './view.ts';

/** @throws BAD_REQUEST for a plan that contradicts itself, RECIPE_INVALID, BUDGET_EXCEEDED, NOT_ENOUGH_DATA */
export async function startStudy(
  services: JobServices,
  recipe: Recipe,
  plan: StudyPlan,
  name: string,
): Promise<Study> {
  const project = services.project();
  const classes = await checkStudyData(project, plan);
  requireUnfrozen(recipe);
  checkPlan(plan, recipe, classes.length);
  const { id } = await project.studies.create(
    recipe,
    plan,
    (number) =>
      name.trim() || `${recipe.name}: ${studyKindWords[plan.kind].toLowerCase()} ${number}`.slice(0, 120),
  );
  return enqueue(services, project, id);
}

function checkPlan(plan: StudyPlan, recipe: Recipe, classCount: number): void {
  const { epochs } = recipe.training;
  if (plan.kind !== 'search') {
    keepBudget(summarise(recipe, classCount));
    if (new Set(plan.seeds).size === plan.seeds.length) return;
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected different seeds, received ${plan.seeds.join(', ')}. The same seed gives the same result; leave the repeated one out.`,
      { seeds: plan.seeds },
    );
  }
  checkSpace(plan.space, recipe, classCount);
  if (plan.space.some(({ path }) => path === 'training.frozenLayers')) {
    throw new AtelierError(
      'BAD_REQUEST',
      'Expected a space without training.frozenLayers: trials begin with random weights, and layers that have learned nothing would never learn. Leave it out.',
      { path: 'training.frozenLayers' },
    );
  }
  if (!plan.halving) return;
  if (plan.space.some(({ path }) => path === 'training.epochs')) {
    throw new AtelierError(
      'BAD_REQUEST',
      'Expected the same epochs for all trials of a search with successive halving, which decides itself how long each trains. Take training.epochs out of the space, or halving off.',
      { path: 'training.epochs' },
    );
  }
  if (plan.halving.minimumEpochs >= epochs) {
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected successive halving to begin with fewer epochs than the recipe's ${epochs}, received ${plan.halving.minimumEpochs}. Lower it, or train longer.`,
      { minimumEpochs: plan.halving.minimumEpochs, epochs },
    );
  }
}

/** Goes on with the trials that are open. @throws NOT_FOUND, CONFLICT where it, or a trial, is under way, or it is done */
export async function resumeStudy(services: JobServices, studyId: string): Promise<Study> {
  const project = services.project();
  const { name } = project.studies.get(studyId);
  const atRest = await project.studies.ends.requeue(studyId, () =>
    requireAllAtRest(services, project, studyId),
  );
  if (!atRest) {
    const state = project.studies.stateOf(studyId);
    throw new AtelierError(
      'CONFLICT',
      `Expected a study that was cancelled or failed; ${name} is ${state}. Start a new one.`,
      { studyId, state },
    );
  }
  return enqueue(services, project, studyId);
}

/** With its runs and their folders. @throws NOT_FOUND, CONFLICT */
export async function deleteStudy(services: JobServices, studyId: string): Promise<void> {
  const project = services.project();
  const { studies, runs } = project;
  requireAllAtRest(services, project, studyId);
  for (const runId of await studies.delete(studyId)) services.emit({ event: 'run.deleted', runId });
  services.emit({ event: 'study.deleted', studyId });
  await runs.removeFolders();
}

/** Neither the study nor a job of one of its trials is under way. @throws CONFLICT, NOT_FOUND */
function requireAllAtRest(services: JobServices, { studies }: OpenProject, studyId: string): void {
  requireStudyAtRest(services, studyId);
  const busy = studies.trials(studyId).find(({ runId }) => services.jobs.hasOpen(runId));
  if (!busy) return;
  const { runId } = busy;
  throw new AtelierError(
    'CONFLICT',
    `A job of run ${runId} is still running. Wait for its end, or cancel it first.`,
    { runId },
  );
}

/** @throws CONFLICT where the project was left while the study was being written */
function enqueue(services: JobServices, project: OpenProject, studyId: string): Study {
  if (services.project() !== project) throw projectCloses();
  const study = studyOf(project.studies, studyId);
  services.emit({ event: 'study.changed', study });
  services.jobs.start(
    { kind: 'study', title: study.name, runId: null, studyId },
    'training',
    (context) => carryOutStudy(services, project, studyId, context),
    () => endStudy(services, project, studyId, { state: 'cancelled', error: null }),
  );
  return study;
}
