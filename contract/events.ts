/**
 * What the studio announces, after it has happened. Commands change things; events only tell.
 * A listener that missed some asks again: every event names what to read anew.
 */
import * as z from 'zod';
import { AnswerRule } from './answer-rule.ts';
import { EmbeddingMapState, EmbeddingState, SuggestionStats } from './embeddings.ts';
import { Evaluation } from './evaluation.ts';
import { RunId } from './ids.ts';
import { ImageFactsState } from './image-facts.ts';
import { Job } from './job.ts';
import { CountsChange, Project, Split } from './project.ts';
import { RepairSession } from './repair.ts';
import { Replay } from './replay.ts';
import { Epoch, Run } from './run.ts';
import { SavedViews } from './saved-views.ts';
import { SplitState } from './splits.ts';
import { Study } from './study.ts';

export const StudioEvent = z.discriminatedUnion('event', [
  /** The open project, or null after it was closed. Sent after any change of classes, parts or sources. */
  z.object({ event: z.literal('project.changed'), project: Project.nullable() }),
  /** Labels were given: what else of the project that changes. */
  z.object({ event: z.literal('counts.changed'), change: CountsChange }),
  /** Labels of these items changed; an empty list means that any may have. */
  z.object({ event: z.literal('items.changed'), itemIds: z.array(z.int()) }),
  z.object({ event: z.literal('job.changed'), job: Job }),
  z.object({ event: z.literal('run.changed'), run: Run }),
  /** Several times a second while a run trains; loss and accuracy over the last steps of the training data. */
  z.object({
    event: z.literal('run.progress'),
    runId: RunId,
    step: z.int(),
    steps: z.int(),
    epoch: z.int(),
    epochs: z.int(),
    loss: z.number(),
    accuracy: z.number(),
    learningRate: z.number(),
    imagesPerSecond: z.number(),
    secondsLeft: z.number().nullable(),
  }),
  z.object({ event: z.literal('run.epoch'), runId: RunId, epoch: Epoch }),
  /** A run was trained once more, to compare. */
  z.object({ event: z.literal('run.replayed'), replay: Replay }),
  z.object({ event: z.literal('run.deleted'), runId: z.string() }),
  z.object({ event: z.literal('study.changed'), study: Study }),
  z.object({ event: z.literal('study.deleted'), studyId: z.string() }),
  z.object({ event: z.literal('evaluation.finished'), evaluation: Evaluation }),
  /** How sure the figures of an evaluation are was computed. */
  z.object({ event: z.literal('evidence.finished'), runId: RunId, split: Split }),
  /** Error slices of an evaluation were looked for. */
  z.object({ event: z.literal('slices.finished'), runId: RunId, split: Split }),
  /** A corruption sweep stands beside an evaluation. */
  z.object({ event: z.literal('robustness.finished'), runId: RunId, split: Split }),
  /** Groups were found, parts were drawn, or a run was evaluated or compared on the test part. */
  z.object({ event: z.literal('splits.changed'), splits: SplitState }),
  /** Somebody began to repair labels, trained again, or ended. */
  z.object({ event: z.literal('repair.changed'), session: RepairSession.nullable() }),
  /** When a run answers was chosen anew; null: it always does. */
  z.object({ event: z.literal('answer-rule.changed'), runId: RunId, rule: AnswerRule.nullable() }),
  /** Embeddings began to be computed, or stand. */
  z.object({ event: z.literal('embeddings.changed'), embeddings: EmbeddingState }),
  /** Another map of embeddings stands, or one begins to be drawn. */
  z.object({ event: z.literal('map.changed'), state: EmbeddingMapState }),
  /** Other facts of the images stand, or begin to be computed. */
  z.object({ event: z.literal('facts.changed'), state: ImageFactsState }),
  /** A view was saved or deleted. */
  z.object({ event: z.literal('views.changed'), views: SavedViews }),
  /** New suggestions stand: the head has learned from labels that were given or taken back. */
  z.object({ event: z.literal('suggestions.changed'), stats: SuggestionStats }),
]);
export type StudioEvent = z.infer<typeof StudioEvent>;
