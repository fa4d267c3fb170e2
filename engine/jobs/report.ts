/** A report of a run, gathered of what is kept of it. What it says is learning/export/report/content.ts; nothing is computed for it. */
import { createHash } from 'node:crypto';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import type { Evaluation } from '#contract/evaluation.ts';
import type { Split } from '#contract/project.ts';
import type { ReportFormat, WrittenReport } from '#contract/report.ts';
import type { Leak } from '#contract/splits.ts';
import { type ReportInput, reportOf } from '#learning/export/report/content.ts';
import type { Tested } from '#learning/export/report/tested.ts';
import { reportHtml } from '#learning/export/report/html.ts';
import { reportMarkdown } from '#learning/export/report/markdown.ts';
import type { ReportImage } from '#learning/export/report/block.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import { imageType, thumbnailOf } from '../images/thumbnails/sheet.ts';
import type { OpenProject } from '../project/project.ts';
import type { Predictions, PredictionStore } from '../project/prediction-store.ts';
import { readSnapshot, type Snapshot } from '../project/snapshot.ts';
import { readAnswerRule } from './calibrate.ts';
import { requireRest, requireWeights } from './evaluate.ts';
import { readEvidence } from './evidence.ts';
import { fileNameOf } from './logs.ts';
import { evaluatedLabels } from './repair-comparison.ts';
import { readReplay } from './replay.ts';

/** Mistakes that are shown. */
const mostMistakes = 24;

/** @throws NOT_FOUND for an unknown run, CONFLICT where it is under way or has learned nothing */
export async function writeReport(
  { version, project, predictions }: { version: string; project: OpenProject; predictions: PredictionStore },
  runId: string,
  format: ReportFormat,
): Promise<WrittenReport> {
  const { runs } = project;
  const run = runs.get(runId);
  requireRest(run);
  requireWeights(run);
  const evaluation = runs.evaluation(runId, 'test') ?? runs.evaluation(runId, 'validation');
  const judged = evaluation && (await predictions.of(runId, evaluation.split).catch(() => null));
  const snapshot = await readSnapshot(runs.folderOf(runId));
  const { counts, digest } = await dataOf(project, snapshot, evaluation?.split === 'test' ? judged : null);
  const blocks = reportOf({
    version,
    projectName: project.summary().name,
    run,
    counts,
    dataDigest: digest,
    evaluation,
    tested: evaluation && (await testedOf(project, predictions, evaluation, { judged, snapshot })),
    evidence: evaluation && (await readEvidence(runs, runId, evaluation.split)),
    replay: await readReplay(runs, runId),
    classCount: runs.classesOf(runId).length,
    rule: await readAnswerRule(runs, runId),
    mistakes: evaluation && judged ? await mistakesOf(project, judged, evaluation) : [],
  });
  const text = format === 'html' ? reportHtml(blocks, run.name) : reportMarkdown(blocks);
  return { name: `${fileNameOf(run)}-report.${format === 'html' ? 'html' : 'md'}`, text };
}

/** The images that it was most surely wrong about, with their thumbnails. */
async function mistakesOf(
  project: OpenProject,
  { itemIds, labels, probabilities, classCount }: Predictions,
  { classes }: Evaluation,
): Promise<ReportImage[]> {
  const wrong = [...itemIds.keys()].flatMap((place) => {
    const predicted = greatest(probabilities, classCount, place * classCount);
    if (predicted === labels[place]) return [];
    return [{ place, predicted, sure: probabilities[place * classCount + predicted]! }];
  });
  wrong.sort((a, b) => b.sure - a.sure || a.place - b.place);
  return Promise.all(
    wrong.slice(0, mostMistakes).map(async ({ place, predicted, sure }): Promise<ReportImage> => {
      const itemId = itemIds[place]!;
      const bytes = await picture(project, itemId);
      const caption = `${nameOf(project, itemId)}${classes[labels[place]!]!.name}, predicted ${classes[predicted]!.name} with ${(100 * sure).toFixed(1)} %`;
      return { bytes, type: bytes ? imageType(bytes) : 'image/png', caption };
    }),
  );
}

/** What its file is called, and a colon; nothing where the image is no longer there. */
const nameOf = (project: OpenProject, itemId: number): string => {
  try {
    return `${project.item(itemId).name}: `;
  } catch {
    return '';
  }
};

const picture = async (project: OpenProject, itemId: number): Promise<Uint8Array | null> => {
  try {
    return (await thumbnailOf(project, project.placeOf(itemId))).bytes;
  } catch {
    return null;
  }
};

/** Images read at once from the database, in turns with other work. */
const readAtOnce = 2000;

/** What is known of the images that were evaluated. */
async function testedOf(
  project: OpenProject,
  predictions: PredictionStore,
  { runId, split, partVersion }: Evaluation,
  { judged, snapshot }: { judged: Predictions | null; snapshot: Snapshot | null },
): Promise<Tested> {
  const { testParts } = project;
  const ofTest = split === 'test' && partVersion !== null;
  return {
    leak: judged && snapshot && leakOf(project, judged.itemIds, snapshot.train),
    uses: ofTest ? testParts.usesOf(partVersion) : null,
    present: ofTest ? testParts.versionOf('test') === partVersion : null,
    labels: judged && (await evaluatedLabels(project, predictions, runId, split)),
  };
}

/** Evaluated images of which one of the same group trained the run; null where groups were never looked for. */
function leakOf({ groups, columns }: OpenProject, itemIds: Int32Array, train: Int32Array): Leak | null {
  if (!groups.facts()) return null;
  const { groupOf } = groups;
  const training = new Set<number>();
  for (const row of train) {
    const group = groupOf.get(columns.ids[row]!);
    if (group !== undefined) training.add(group);
  }
  let leaked = 0;
  for (const itemId of itemIds) {
    const group = groupOf.get(itemId);
    if (group !== undefined && training.has(group)) leaked += 1;
  }
  return { images: itemIds.length, leaked };
}

/** Images of each part as the run saw them, and a digest over content, class and part of each. @param tested test images as they were evaluated; null where none were, or they are lost */
async function dataOf(
  project: OpenProject,
  snapshot: Snapshot | null,
  tested: Predictions | null,
): Promise<{ counts: ReportInput['counts']; digest: string }> {
  const { columns } = project;
  const train = snapshot?.train ?? new Int32Array(0);
  const validation = snapshot?.validation ?? new Int32Array(0);
  const idsOf = (rows: Int32Array) => rows.map((row) => columns.ids[row]!);
  const labelsOf = (rows: Int32Array) => rows.map((row) => snapshot!.labels[row]!);
  const parts: [Split, Int32Array, Int32Array][] = [
    ['train', idsOf(train), labelsOf(train)],
    ['validation', idsOf(validation), labelsOf(validation)],
    ['test', tested?.itemIds ?? new Int32Array(0), tested?.labels ?? new Int32Array(0)],
  ];
  const hash = createHash('sha256');
  for (const [split, itemIds, labels] of parts)
    for (let from = 0; from < itemIds.length; from += readAtOnce) {
      const some = Array.from(itemIds.subarray(from, from + readAtOnce));
      const contents = new Map(project.thumbnailsById(some).map(({ id, hash: content }) => [id, content]));
      some.forEach((itemId, at) =>
        hash.update(`${split} ${labels[from + at]!} ${contents.get(itemId) ?? ''}\n`),
      );
      await turnOfEventLoop();
    }
  return { counts: { train: train.length, validation: validation.length }, digest: hash.digest('hex') };
}
