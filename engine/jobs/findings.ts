/**
 * Job `findings`: what is probably wrong with the data of the open project. A worker looks for it; what it found takes the place of
 * what was found before only once it is whole. What is kept, and what is left of it as of now, is project/finding-store.ts.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { StoredFindings } from '#contract/findings.ts';
import type { Job } from '#contract/job.ts';
import type { Split } from '#contract/project.ts';
import { writeArray } from '../project/arrays.ts';
import { noClassId } from '../project/database-problems.ts';
import type { FindingStore } from '../project/finding-store.ts';
import { journalMark } from '../project/journal.ts';
import type { PredictionStore } from '../project/prediction-store.ts';
import type { OpenProject } from '../project/project.ts';
import type { FindingsInput } from '../worker/protocol.ts';
import { isThere, keptEmbeddings, originOf } from './embed.ts';
import type { JobServices } from './job-services.ts';
import { followedBy, inWorker } from './workers.ts';

/** Faults that an audit plants, where there are enough images. */
const planted = { flips: 20, copies: 20 };
/** Parts whose images a run does not learn from. */
const judgedParts: readonly Split[] = ['validation', 'test'];
const leftOut = -1;

/** What the job takes beside what every job does. */
export interface FindingServices extends JobServices {
  readonly predictions: PredictionStore | null;
  findings(): FindingStore;
}

/** @throws NOT_ENOUGH_DATA without images, NOT_FOUND for an unknown run or one without predictions, CONFLICT while it is under way */
export function startFindings(
  services: FindingServices,
  { runId, audit = false }: { runId?: string | undefined; audit?: boolean | undefined },
): Job {
  const project = services.project();
  if (project.columns.counts().all.total === 0)
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      'Expected images to look for findings in; the project has none. Import some first.',
    );
  const open = services.jobs
    .list()
    .find(({ kind, state }) => kind === 'findings' && (state === 'queued' || state === 'running'));
  if (open)
    throw new AtelierError(
      'CONFLICT',
      'Findings are being looked for already. Wait for their end, or cancel that first.',
      { jobId: open.id },
    );
  if (runId !== undefined) requireEvaluated(project, runId);
  const store = services.findings();
  const { predictions } = services;
  // One after another with embeddings, which it looks at.
  return services.jobs.start(
    { kind: 'findings', title: 'Findings', runId: runId ?? null },
    'embedding',
    async (context) => {
      const folder = join(services.temporary, `findings-${randomBytes(8).toString('hex')}`);
      mkdirSync(folder);
      try {
        const change = project.read(journalMark);
        const embeddings = keptEmbeddings(project);
        const input = await inputOf(project, predictions, folder, { embeddings, runId, audit });
        await inWorker(services.spawner, ['findings', 'look for them again'], (worker) =>
          worker.run('findings', input, followedBy(context)),
        );
        const found = JSON.parse(await readFile(input.result, 'utf8')) as object;
        await store.keep(
          StoredFindings.parse({
            ...{ format: 'atelier-findings/2', change, lastItemId: input.lastItemId },
            computedAt: new Date().toISOString(),
            ...{ ...found, embeddedBy: embeddings?.by ?? null },
          }),
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
}

/** @throws NOT_FOUND */
function requireEvaluated({ runs }: OpenProject, runId: string): void {
  const { name } = runs.get(runId);
  if (judgedParts.some((split) => runs.evaluation(runId, split) !== null)) return;
  throw new AtelierError(
    'NOT_FOUND',
    `Expected a run that was evaluated on the validation or the test part; ${name} was on neither. Evaluate it first.`,
    { runId },
  );
}

async function inputOf(
  project: OpenProject,
  predictions: PredictionStore | null,
  folder: string,
  {
    embeddings,
    runId,
    audit,
  }: { embeddings: ReturnType<typeof keptEmbeddings>; runId: string | undefined; audit: boolean },
): Promise<FindingsInput> {
  const { classIds, splits, removed, excluded, length, ids } = project.columns;
  const files = { classes: join(folder, 'classes.i32'), parts: join(folder, 'parts.i32') };
  await writeArray(
    files.classes,
    classIds
      .subarray(0, length)
      .map((id, row) => (removed[row] || excluded[row] || id === noClassId ? leftOut : id)),
  );
  await writeArray(files.parts, Int32Array.from(splits.subarray(0, length)));
  const there = embeddings && isThere(project, embeddings) ? embeddings : null;
  return {
    ...{ project: project.path, lastItemId: length === 0 ? 0 : ids[length - 1]!, ...files },
    origin: there && originOf(project, there),
    embeddingRun: there?.by.kind === 'run' ? project.runs.get(there.by.runId).name : null,
    run: runId === undefined ? null : await runInput(project, predictions!, folder, runId),
    audit: audit ? planted : null,
    result: join(folder, 'findings.json'),
  };
}

/** What the run said of images of the parts that it was judged by. */
async function runInput(
  { runs, columns }: OpenProject,
  predictions: PredictionStore,
  folder: string,
  runId: string,
): Promise<FindingsInput['run']> {
  const rows: number[] = [];
  const said: number[] = [];
  for (const split of judgedParts) {
    const found = await predictions.of(runId, split);
    if (!found) continue;
    found.itemIds.forEach((itemId, at) => {
      const row = columns.positionOf(itemId);
      if (row < 0) return;
      rows.push(row);
      const { classCount, probabilities } = found;
      for (let index = 0; index < classCount; index += 1) said.push(probabilities[at * classCount + index]!);
    });
  }
  const files = { rows: join(folder, 'rows.i32'), probabilities: join(folder, 'probabilities.f32') };
  await writeArray(files.rows, Int32Array.from(rows));
  await writeArray(files.probabilities, Float32Array.from(said));
  return {
    ...{ id: runId, name: runs.get(runId).name, ...files },
    classIds: runs.classesOf(runId).map(({ id }) => id),
  };
}
