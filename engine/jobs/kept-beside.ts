/** What is computed of an evaluation and kept beside it as JSON: of no use once the part is evaluated again. */
import { readFile } from 'node:fs/promises';
import type * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import type { Split } from '#contract/project.ts';
import { asWritten, predictionFiles } from '../project/prediction-files.ts';
import type { OpenProject } from '../project/project.ts';
import type { Runs } from '../project/runs.ts';

/** @returns null where none was computed of the evaluation that is there now, or its file cannot be read */
export async function readBeside<T extends { evaluatedAt: string }>(
  runs: Runs,
  { runId, split }: { runId: string; split: Split },
  file: (folder: string, split: Split) => string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  const evaluation = runs.evaluation(runId, split);
  if (!evaluation) return null;
  const text = await readFile(file(runs.folderOf(runId), split), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const kept = schema.parse(JSON.parse(text));
    return kept.evaluatedAt === evaluation.evaluatedAt ? kept : null;
  } catch {
    return null;
  }
}

/** @throws NOT_FOUND */
export function requireEvaluation({ runs }: OpenProject, runId: string, split: Split): Evaluation {
  const evaluation = runs.evaluation(runId, split);
  if (evaluation) return evaluation;
  throw new AtelierError(
    'NOT_FOUND',
    `Expected an evaluation of ${runId} on the ${split} part, but there is none. Evaluate it first.`,
    { runId, split },
  );
}

/** The files of an evaluation's predictions. @throws NOT_FOUND where they are not what it wrote */
export async function requirePredictions({ runs }: OpenProject, runId: string, split: Split) {
  const files = predictionFiles(runs.folderOf(runId), split);
  if (await asWritten(files)) return files;
  throw new AtelierError(
    'NOT_FOUND',
    `Expected the stored predictions of ${runId} on the ${split} part, but they are damaged. Evaluate the run again.`,
    { runId, split },
  );
}
