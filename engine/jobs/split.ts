/**
 * Job `split`: drawing the parts anew, or only what that would come to. Groups are found first where they are not known. A worker
 * draws; what it says counts only of the very state of the project that it was drawn of.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { type SplitDraw, type SplitReport, timesInformed } from '#contract/splits.ts';
import { hasMovedParts } from '../project/journal.ts';
import { planMoves } from '../project/redraw.ts';
import type { OpenProject } from '../project/project.ts';
import { splitSettings } from '../project/settings.ts';
import type { Uploads } from '../uploads.ts';
import type { Result } from '../worker/protocol.ts';
import { backboneOrigin } from './embed.ts';
import { ensureGroups, requireSound } from './group.ts';
import type { JobContext } from './queue.ts';
import type { JobServices } from './job-services.ts';
import type { JobResults } from './results.ts';
import { splitState, tellSplits } from './split-state.ts';
import { inWorker } from './workers.ts';

/** How often it is drawn where the project changes meanwhile. */
const mostTries = 4;

export interface SplitServices extends JobServices {
  /** Announces a change of the project. */
  changed(itemIds: number[]): unknown;
}

/** @throws CONFLICT at once where the test part was evaluated, without a yes; BAD_REQUEST as startGrouping */
export function startSplit(
  services: SplitServices,
  uploads: Uploads,
  asked: SplitDraw,
  results: JobResults<SplitReport>,
): Job {
  const project = services.project();
  const { groupBy, table, dryRun = false, acceptNewTest = false, ...shares } = asked;
  const grouped = groupBy !== null;
  if (groupBy) requireSound(project, { by: groupBy, table });
  const drawsTest = shares.testShare !== undefined;
  if (drawsTest && !dryRun) project.testParts.requireUnused(acceptNewTest);
  if (shares.fresh && !drawsTest)
    throw new AtelierError(
      'BAD_REQUEST',
      'Expected a share for the test part beside fresh: without one the test part stays as it is.',
    );
  const job = services.jobs.start(
    { kind: 'split', title: dryRun ? 'Try a split' : 'Redraw parts', runId: null },
    'short',
    (context) =>
      inWorker(services.spawner, ['drawing of parts', 'draw again'], async (worker) => {
        if (grouped)
          await ensureGroups(services, project, uploads, worker, groupBy && { by: groupBy, table }, context);
        const draw = () => worker.run('draw-split', { project: project.path, redraw: shares, grouped });
        const { report } = dryRun ? await draw() : await apply(project, draw, shares, acceptNewTest);
        results.keep(job.id, { ...report, groups: project.groups.facts() });
        if (dryRun) return;
        if (shares.fresh) await project.testParts.seal();
        services.emit({ event: 'items.changed', itemIds: [] });
        services.changed([]);
        tellSplits(services, project);
      }),
  );
  return job;
}

/** Images up to which an import looks for look-alikes by itself, where a backbone looks at each: about half a minute of two cores. */
const mostEmbeddedAtImport = 2_000;
/**
 * The same where there is none, by small pictures alone: about five seconds of one core (docs/decisions/0049). Of fewer than the least
 * a part has a handful of images, and no figure of it says much.
 */
const picturesAtImport = { least: 50, most: 2_500 };

/**
 * Draws the parts of what was imported so that look-alikes stay on one side from the first figure on, by embeddings where a backbone
 * serves and by small pictures alone elsewhere; parts that leak nothing stay as they are. Nothing is drawn where something says the
 * parts or goes by them: a source, a person who moved images, a run, a test part that was used or is sealed. What goes wrong costs the
 * import nothing: a person can draw at any time.
 */
export async function splitImported(
  services: SplitServices,
  project: OpenProject,
  context: JobContext,
): Promise<void> {
  const { all, fixed } = project.columns.counts();
  const drawn = all.train + all.validation + all.test;
  const { least, most } = backboneOrigin(project)
    ? { least: 1, most: mostEmbeddedAtImport }
    : picturesAtImport;
  if (fixed > 0 || drawn < least || all.total > most || !(await isFreeToDraw(project))) return;
  try {
    await inWorker(services.spawner, ['drawing of parts', 'draw again'], async (worker) => {
      await ensureGroups(services, project, null, worker, undefined, context);
      const { leaks } = splitState(project);
      if (leaks && leaks.validation.leaked + leaks.test.leaked === 0) return;
      const shares = project.read(splitSettings);
      await apply(
        project,
        () => worker.run('draw-split', { project: project.path, redraw: shares, grouped: true }),
        shares,
      );
    });
  } catch {
    return;
  }
  services.emit({ event: 'items.changed', itemIds: [] });
  services.changed([]);
  tellSplits(services, project);
}

/** Whether no person said a part, nothing was trained on the parts, and the test part was neither used nor sealed. */
async function isFreeToDraw(project: OpenProject): Promise<boolean> {
  const test = project.testParts.state();
  return (
    (await project.runs.list()).length === 0 &&
    timesInformed(test) === 0 &&
    test.earlier === null &&
    !test.sealed &&
    !project.read(hasMovedParts)
  );
}

/** Draws until nothing has changed meanwhile, and makes it count as one undoable step. @throws CONFLICT */
async function apply(
  project: OpenProject,
  draw: () => Promise<Result<'draw-split'>>,
  redraw: Parameters<typeof planMoves>[1],
  acceptNewTest = false,
): Promise<Result<'draw-split'>> {
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const drawn = await draw();
    let current = true;
    await project.record((database) => {
      current = project.columns.length === drawn.length && project.lastChangeId() === drawn.lastChangeId;
      return current ? planMoves(splitSettings(database), redraw, drawn.moved) : null;
    }, acceptNewTest);
    if (current) return drawn;
  }
  throw new AtelierError(
    'CONFLICT',
    'Expected a project that rests while its parts are drawn, but images or labels changed each time. Wait for what changes them, then draw again.',
  );
}
