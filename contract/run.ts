/** A run: one training of one recipe, from its place in the queue to its result. What it is asked afterwards is evaluation.ts. */
import * as z from 'zod';
import { WireError } from './errors.ts';
import { RunId, StudyId } from './ids.ts';
import { epochFields } from '#recipe/metrics/stored.ts';
import { Recipe } from '#recipe/recipe.ts';
import { Precision } from '#recipe/training.ts';
import { runStates } from './study.ts';

/** Which library computes, and on what. Named in the window, in every run and by `atelier doctor`. */
export const EngineInfo = z.object({
  kind: z.enum(['tensorflow', 'webgpu', 'wasm']),
  version: z.string(),
  device: z.string(),
  threads: z.int(),
  precision: Precision,
  /** Why bfloat16 cannot be had on this device; null where it can. */
  bfloat16: z.string().nullable().default('This run was made before bfloat16 was offered.'),
  /** Why a better engine was passed over; empty for the first choice. */
  passedOver: z.array(z.object({ kind: z.string(), reason: z.string() })),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

/** Its metrics are those of recipe/metrics: `trainLoss`, `validationLoss` and so on. */
export const Epoch = z.object({
  /** From 1. */
  epoch: z.int(),
  ...epochFields,
  /** Of the epoch's last step. */
  learningRate: z.number(),
  imagesPerSecond: z.number(),
  seconds: z.number(),
});
export type Epoch = z.infer<typeof Epoch>;

/** A run that begins with the weights of another: with its optimizer state too (continue), or with the weights alone. */
export const Origin = z.object({ runId: RunId, how: z.enum(['continue', 'fine-tune']) });
export type Origin = z.infer<typeof Origin>;

export const Run = z.object({
  id: RunId,
  name: z.string(),
  /** What a person wrote about it; empty at first. */
  note: z.string(),
  /** What it began with; null for random weights. */
  origin: Origin.nullable(),
  /** The study whose trial it is; null for a run of its own. */
  studyId: StudyId.nullable(),
  state: z.enum(runStates),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  recipe: Recipe,
  engine: EngineInfo.nullable(),
  parameters: z.int().nullable(),
  epochs: z.array(Epoch),
  /** Epoch whose weights were kept, from 1. */
  bestEpoch: z.int().nullable(),
  /** Steps done and in all, seconds left; null unless running. */
  progress: z
    .object({
      step: z.int(),
      steps: z.int(),
      secondsLeft: z.number().nullable(),
      imagesPerSecond: z.number(),
    })
    .nullable(),
  /** Why it waits, such as a full disk; it goes on by itself. Null unless running and waiting. */
  paused: WireError.nullable(),
  imagesPerSecond: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
  testAccuracy: z.number().nullable(),
  /** The images and labels that the test accuracy is of: their name, as in the evaluation, and when; null where that was not kept. */
  testLabels: z.object({ version: z.string(), evaluatedAt: z.string() }).nullable(),
  error: WireError.nullable(),
  /** What else the person should know, such as a damaged checkpoint that was passed over. */
  notices: z.array(z.string()),
});
export type Run = z.infer<typeof Run>;

/** A run or study that cannot be read: what is wrong with it, and the id by which it can be deleted. */
export const Damaged = z.object({ id: z.string(), error: WireError });
export type Damaged = z.infer<typeof Damaged>;
