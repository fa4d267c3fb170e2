/** A report of a run, gathered of what is kept of it. What it says is learning/export/report/content.ts; nothing is computed for it. */
import { createHash } from 'node:crypto';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import type { Evaluation } from '#contract/evaluation.ts';
import { type Split, splitNames } from '#contract/project.ts';
import type { ReportFormat, WrittenReport } from '#contract/report.ts';
import { reportOf } from '#learning/export/report/content.ts';
import { reportHtml } from '#learning/export/report/html.ts';
import { reportMarkdown } from '#learning/export/report/markdown.ts';
import type { ReportImage } from '#learning/export/report/block.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import { imageType, thumbnailOf } from '../images/thumbnails/sheet.ts';
import type { OpenProject } from '../project/project.ts';
import type { PredictionStore } from '../project/prediction-store.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { readAnswerRule } from './calibrate.ts';
import { requireRest, requireWeights } from './evaluate.ts';
import { readEvidence } from './evidence.ts';
import { fileNameOf } from './logs.ts';
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
  const { counts, digest } = await dataOf(project, runId);
  const blocks = reportOf({
    version,
    projectName: project.summary().name,
    run,
    counts,
    dataDigest: digest,
    evaluation,
    evidence: evaluation && (await readEvidence(runs, runId, evaluation.split)),
    replay: await readReplay(runs, runId),
    classCount: runs.classesOf(runId).length,
    rule: await readAnswerRule(runs, runId),
    mistakes: evaluation ? await mistakesOf(project, predictions, evaluation) : [],
  });
  const text = format === 'html' ? reportHtml(blocks, run.name) : reportMarkdown(blocks);
  return { name: `${fileNameOf(run)}-report.${format === 'html' ? 'html' : 'md'}`, text };
}

/** The images that it was most surely wrong about, with their thumbnails. */
async function mistakesOf(
  project: OpenProject,
  predictions: PredictionStore,
  { runId, split, classes }: Evaluation,
): Promise<ReportImage[]> {
  // Predictions may be lost where the evaluation is there; the report then shows none.
  const found = await predictions.of(runId, split).catch(() => null);
  if (!found) return [];
  const { itemIds, labels, probabilities, classCount } = found;
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
      const caption = `${classes[labels[place]!]!.name}, predicted ${classes[predicted]!.name} with ${(100 * sure).toFixed(1)} %`;
      return { bytes, type: bytes ? imageType(bytes) : 'image/png', caption };
    }),
  );
}

const picture = async (project: OpenProject, itemId: number): Promise<Uint8Array | null> => {
  try {
    return (await thumbnailOf(project, project.placeOf(itemId))).bytes;
  } catch {
    return null;
  }
};

/** Images read at once from the database, in turns with other work. */
const readAtOnce = 2000;

/** Images of each part as the run saw them, and a digest over content, class and part of each; test images are those of now. */
async function dataOf(
  project: OpenProject,
  runId: string,
): Promise<{ counts: Record<Split, number>; digest: string }> {
  const { runs, columns } = project;
  const snapshot = await readSnapshot(runs.folderOf(runId));
  const rows: Record<Split, Int32Array> = {
    train: snapshot?.train ?? new Int32Array(0),
    validation: snapshot?.validation ?? new Int32Array(0),
    test: columns.ofSplit('test'),
  };
  const hash = createHash('sha256');
  for (const split of splitNames)
    for (let from = 0; from < rows[split].length; from += readAtOnce) {
      const some = Array.from(rows[split].subarray(from, from + readAtOnce));
      const contents = new Map(
        project
          .thumbnailsById(some.map((row) => columns.ids[row]!))
          .map(({ id, hash: content }) => [id, content]),
      );
      for (const row of some) {
        const label = split === 'test' || !snapshot ? columns.classIds[row]! : snapshot.labels[row]!;
        hash.update(`${split} ${label} ${contents.get(columns.ids[row]!) ?? ''}\n`);
      }
      await turnOfEventLoop();
    }
  const { train, validation, test } = rows;
  return {
    counts: { train: train.length, validation: validation.length, test: test.length },
    digest: hash.digest('hex'),
  };
}
