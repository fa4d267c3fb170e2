/**
 * Job `embed`: the embeddings of a project's images that are missing, by a backbone or by a run; which of them suits, and
 * how far they are. Computing them is a worker's, answering with them embedding-memory.ts.
 */
import * as z from 'zod';
import { EmbeddingSource } from '#contract/embedding-source.ts';
import type { EmbeddingState } from '#contract/embeddings.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { foundBackbones, requireBackbone } from '#learning/backbones/backbones.ts';
import { backboneTitle } from '#learning/backbones/definition.ts';
import { publishedPreprocessing } from '#recipe/published-backbones.ts';
import { isPublished } from '#recipe/backbone-name.ts';
import { leastForBackbone } from '#recipe/project-facts.ts';
import type { EmbeddingInput } from '../worker/protocol.ts';
import { median, sampledSizes } from '../project/items.ts';
import type { OpenProject } from '../project/project.ts';
import { embeddingSetting, writeEmbeddingSetting } from '../project/settings.ts';
import { requireWeights } from './evaluate.ts';
import { inWorker } from './workers.ts';
import type { JobServices } from './job-services.ts';

/** Of a backbone's input where pictures are small: they hold less than its own shows, and this costs a third (docs/decisions/0029). */
const smallSide = 128;

/** What a project keeps of its embeddings. */
const Kept = z.object({
  by: EmbeddingSource,
  /** Of a published backbone's input in pixels; 0 for a run, and for a person's own backbone, which have one size. */
  side: z.int().min(0),
  /** Those of items up to this one were computed, but for so many that could not be read. */
  lastItemId: z.int().min(0),
  skipped: z.int().min(0),
});
type KeptEmbeddings = z.infer<typeof Kept>;

/** null where none were asked for, or what is kept cannot be read: then they are chosen anew. */
export function keptEmbeddings(project: OpenProject): KeptEmbeddings | null {
  try {
    return Kept.parse(JSON.parse(project.read(embeddingSetting)));
  } catch {
    return null;
  }
}

/** Where a worker finds the network. @throws BACKBONE_NOT_FOUND, NOT_FOUND or CONFLICT where the run or its weights are gone */
export function originOf(
  project: OpenProject,
  { by, side }: Pick<KeptEmbeddings, 'by' | 'side'>,
): EmbeddingInput['origin'] {
  if (by.kind === 'backbone') {
    requireBackbone(by.name);
    return { kind: 'backbone', name: by.name, side: side === 0 ? null : side };
  }
  requireWeights(project.runs.get(by.runId));
  return { kind: 'run', folder: project.runs.folderOf(by.runId) };
}

/** Whether what computes them is still there. */
export function isThere(project: OpenProject, kept: KeptEmbeddings): boolean {
  try {
    originOf(project, kept);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param asked absent: as before; else a backbone for pictures that are large enough, else the latest run, else a backbone
 * @throws BACKBONE_NOT_FOUND, NOT_FOUND, CONFLICT, and NOT_ENOUGH_DATA where there is neither backbone nor run
 */
async function choose(
  project: OpenProject,
  before: KeptEmbeddings | null,
  asked: EmbeddingSource | undefined,
): Promise<Pick<KeptEmbeddings, 'by' | 'side'>> {
  const smallerSide = median(project.read(sampledSizes).map(({ width, height }) => Math.min(width, height)));
  const isLarge = smallerSide >= leastForBackbone;
  const sideFor = (by: EmbeddingSource) =>
    by.kind === 'run' || !isPublished(by.name)
      ? 0
      : isLarge
        ? publishedPreprocessing(by.name).width
        : smallSide;
  const chosen = (by: EmbeddingSource) => {
    const found = { by, side: sideFor(by) };
    originOf(project, found);
    return found;
  };
  if (asked) return chosen(asked);
  // Where the run was deleted, or the backbone is not on this machine, another one does.
  if (before && isThere(project, before)) return before;
  const [backbone] = foundBackbones();
  const run = (await project.runs.list()).find(
    ({ state, bestEpoch }) => state === 'finished' && bestEpoch !== null,
  );
  if (backbone && (isLarge || !run)) return chosen({ kind: 'backbone', name: backbone });
  if (run) return chosen({ kind: 'run', runId: run.id });
  throw new AtelierError(
    'NOT_ENOUGH_DATA',
    'Expected a pre-trained backbone on this machine or a trained run to compute embeddings with, found neither. Run `npm start` once with a network, which fetches a backbone, or train a run first.',
  );
}

/** The backbone by which photographs are compared; null where there is none, or pictures are too small for one. */
export function backboneOrigin(project: OpenProject): EmbeddingInput['origin'] | null {
  const [name] = foundBackbones();
  const sides = project.read(sampledSizes).map(({ width, height }) => Math.min(width, height));
  if (!name || median(sides) < leastForBackbone) return null;
  return originOf(project, {
    by: { kind: 'backbone', name },
    side: isPublished(name) ? publishedPreprocessing(name).width : 0,
  });
}

const nameOf = (project: OpenProject, by: EmbeddingSource): string =>
  by.kind === 'backbone' ? backboneTitle(by.name) : project.runs.get(by.runId).name;

/** The job that is under way, or null. */
const openJob = (services: JobServices): Job | null =>
  services.jobs
    .list()
    .find(({ kind, state }) => kind === 'embed' && (state === 'queued' || state === 'running')) ?? null;

/** @param onEnd told when more may be there than before, whatever ended it */
export async function startEmbedding(
  services: JobServices,
  asked: EmbeddingSource | undefined,
  onEnd: () => void,
): Promise<Job> {
  const project = services.project();
  if (project.columns.counts().all.total === 0)
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      'Expected images to compute embeddings of; the project has none. Import some first.',
    );
  const under = openJob(services);
  const before = keptEmbeddings(project);
  const { by, side } = await choose(project, before, asked);
  const same = before !== null && JSON.stringify([before.by, before.side]) === JSON.stringify([by, side]);
  if (under) {
    if (same) return under;
    throw new AtelierError(
      'CONFLICT',
      'Other embeddings are still being computed. Wait for their end, or cancel them first.',
      { jobId: under.id },
    );
  }
  await keep(project, same ? before : { by, side, lastItemId: 0, skipped: 0 });
  const job = services.jobs.start(
    {
      kind: 'embed',
      title: `Embeddings by ${nameOf(project, by)}`,
      runId: by.kind === 'run' ? by.runId : null,
    },
    'embedding',
    async ({ signal, progress }) => {
      services.emit({ event: 'embeddings.changed', embeddings: embeddingState(services, project) });
      const lastItemId = project.columns.ids[project.columns.length - 1]!;
      const words = ['embedding', 'start them again: what was computed is kept'] as const;
      let last: { done: number; total: number } | null = null;
      try {
        const { skipped } = await inWorker(services.spawner, words, (worker) =>
          worker.run(
            'embed',
            { project: project.path, origin: originOf(project, { by, side }), lastItemId },
            {
              signal,
              onEvent: ({ done, total, unit }) => {
                if (total !== null) last = { done, total };
                progress(done, total, unit);
              },
            },
          ),
        );
        await keep(project, { by, side, lastItemId, skipped });
      } catch (thrown) {
        const seen = last as { done: number; total: number } | null;
        // What was computed stays, whatever ended it; that is said where the project can still be written to.
        if (seen && !project.stopped)
          await keep(project, { by, side, lastItemId, skipped: seen.total - seen.done }).catch(
            () => undefined,
          );
        throw thrown;
      }
    },
    undefined,
    onEnd,
  );
  return job;
}

const keep = (project: OpenProject, kept: KeptEmbeddings): Promise<void> =>
  project.change((database) => writeEmbeddingSetting(database, JSON.stringify(kept)));

/**
 * Says of what is kept that so many images have one, as a worker found: files may be lost, and a run that trained on gives
 * others. @returns whether that is news
 */
export async function correctEmbeddings(
  services: JobServices,
  project: OpenProject,
  found: { done: number; total: number },
): Promise<boolean> {
  const kept = keptEmbeddings(project);
  if (!kept || openJob(services) || project.stopped) return false;
  if (embeddingState(services, project).done <= found.done) return false;
  const lastItemId = project.columns.ids[project.columns.length - 1] ?? 0;
  await keep(project, { ...kept, lastItemId, skipped: found.total - found.done });
  return true;
}

/** As of what was computed last; what is lost on the disk since shows when they are next asked for. */
export function embeddingState(services: JobServices, project: OpenProject): EmbeddingState {
  const { columns } = project;
  const { total } = columns.counts().all;
  const kept = keptEmbeddings(project);
  const job = openJob(services);
  if (!kept || !isThere(project, kept))
    return { by: null, state: 'missing', done: 0, total, jobId: job?.id ?? null };
  let covered = 0;
  for (let at = 0; at < columns.length && columns.ids[at]! <= kept.lastItemId; at += 1)
    if (!columns.removed[at]) covered += 1;
  const before = Math.max(0, covered - kept.skipped);
  const done = job?.state === 'running' ? Math.max(before, Math.min(total, job.progress.done)) : before;
  const state = job ? 'computing' : done === 0 ? 'missing' : done < total ? 'partial' : 'complete';
  return { by: kept.by, state, done, total, jobId: job?.id ?? null };
}
