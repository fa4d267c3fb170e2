/**
 * The repair loop: training once more the recipe of the run that repairing began with, and comparing the two. What was changed since
 * is project/repairs.ts, the comparison repair-comparison.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import { longestName } from '#contract/names.ts';
import type { RepairComparison, RepairSession } from '#contract/repair.ts';
import type { Run } from '#contract/run.ts';
import { unfrozen } from '#recipe/frozen.ts';
import type { PredictionStore } from '../project/prediction-store.ts';
import type { JobServices } from './job-services.ts';
import { requireWeights } from './evaluate.ts';
import { compareOnPresentLabels, type Pair } from './repair-comparison.ts';
import { tellSplits } from './split-state.ts';
import { startTraining } from './train.ts';

/** Tells where repairing stands. */
export function tellRepair(services: Pick<JobServices, 'project' | 'emit'>): RepairSession | null {
  const session = services.project().repairs.session();
  services.emit({ event: 'repair.changed', session });
  return session;
}

/** One that is under way goes on. @throws NOT_FOUND, CONFLICT where the run has learned nothing yet */
export async function beginRepair(services: JobServices, runId: string): Promise<RepairSession> {
  const project = services.project();
  requireWeights(project.runs.get(runId));
  await project.repairs.begin(runId);
  return tellRepair(services)!;
}

/**
 * Trains the recipe of the run that repairing began with on the present labels and parts, from where that run began.
 * @throws CONFLICT where nobody repairs; all that `startTraining` throws
 */
export async function retrain(services: JobServices): Promise<Run> {
  const project = services.project();
  const session = project.repairs.session();
  if (!session)
    throw new AtelierError(
      'CONFLICT',
      'Expected labels that are being repaired, but nobody repairs. Begin first.',
    );
  const before = project.runs.get(session.runId);
  const name = repairedName(
    before.name,
    (await project.runs.list()).map((run) => run.name),
  );
  const run = await (before.origin
    ? startTraining(services, before.recipe, name, before.origin)
    : startTraining(services, unfrozen(before.recipe), name));
  await project.repairs.retrained(run.id);
  tellRepair(services);
  return run;
}

/** "Quick 1 repaired", then "Quick 1 repaired 2". @param taken names that are there */
export function repairedName(name: string, taken: readonly string[]): string {
  const own = name.replace(/ repaired( \d+)?$/, '').slice(0, longestName - ' repaired 1000'.length);
  for (let number = 1; ; number += 1) {
    const next = number === 1 ? `${own} repaired` : `${own} repaired ${number}`;
    if (!taken.includes(next)) return next;
  }
}

/** As `compareOnPresentLabels`; a comparison on the test part is counted among its uses. */
export async function compareRepaired(
  services: JobServices,
  predictions: Pick<PredictionStore, 'of'>,
  pair: Pair,
): Promise<RepairComparison | null> {
  const project = services.project();
  const comparison = await compareOnPresentLabels(project, predictions, pair);
  if (comparison && pair.split === 'test') {
    await project.testParts.noteComparison([pair.baselineId, pair.runId]);
    tellSplits(services, project);
  }
  return comparison;
}
