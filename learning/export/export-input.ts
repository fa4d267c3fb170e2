/** What an export is made of: a run's network and what is known of it. */
import type { AnswerRule, Verdict } from '#contract/answer-rule.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import type { EngineInfo } from '#contract/run.ts';
import type { Weights } from '#learning/model/network.ts';
import type { ExportedRule } from '#learning/onnx/answer-rule.ts';
import type { Normalisation } from '#recipe/check-normalisation.ts';
import type { Recipe } from '#recipe/recipe.ts';

/** `calibrated`: whether a temperature was fitted. */
export interface GoldenRule
  extends ExportedRule, Pick<AnswerRule, 'calibrated' | 'chosen' | 'promised' | 'validation'> {
  /** Of the golden images, [n] each. */
  golden: { novelty: Float64Array; verdicts: Verdict[] };
}

export interface ExportInput {
  recipe: Recipe;
  /** Names, in the order of the network's outputs. */
  classes: string[];
  weights: Weights;
  normalisation: Normalisation;
  /** Its `classes` in the same order; null where the run has not been evaluated. */
  evaluation: Evaluation | null;
  /** Images to compare on, uint8 [n, height, width, channels] at the recipe's size; a few hundred will do. */
  goldenPixels: Uint8Array;
  /** The studio's answers to them, [n, classes]; at the temperature of the rule where there is one. */
  goldenProbabilities: Float32Array;
  /** When the run answers, and the studio's verdicts on the golden images; null: always. */
  rule: GoldenRule | null;
  /** Their class indices, [n]. */
  goldenLabels: ArrayLike<number>;
  /** Where the file goes; what was there is replaced. */
  path: string;
  meta: ExportMeta;
  /** Called with images compared and images in all. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** What the model card says of where the model comes from. No clock: the same run gives the same bytes. */
export interface ExportMeta {
  /** Of Atelier. */
  version: string;
  projectName: string;
  runId: string;
  runName: string;
  /** ISO 8601. */
  trainedAt: string;
  /** Images per split, as the run saw them. */
  counts: { train: number; validation: number; test: number };
  engine: EngineInfo | null;
  /** Epochs trained, and the one whose weights these are, from 1. */
  epochs: number;
  bestEpoch: number;
  /** Names of the image formats that the studio reads. */
  formats: readonly string[];
}
