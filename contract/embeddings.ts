/**
 * Embeddings of a project's images, and what follows from them: which images are alike, and which class an unlabelled one
 * is likely to have. How they are computed is left to learning/embeddings.
 */
import * as z from 'zod';
import { EmbeddingSource } from './embedding-source.ts';
import { ClassId, JobId, MapId } from './ids.ts';
import { Item } from './project.ts';

/** How far the embeddings of a project are. */
export const EmbeddingState = z.object({
  /** null where none were asked for yet. */
  by: EmbeddingSource.nullable(),
  /** `partial`: some images have none, such as those imported since; `missing`: none has. */
  state: z.enum(['missing', 'computing', 'partial', 'complete']),
  /** Images that have one, of all that are not removed. */
  done: z.int(),
  total: z.int(),
  /** The job that computes them. */
  jobId: JobId.nullable(),
});
export type EmbeddingState = z.infer<typeof EmbeddingState>;

/**
 * The map of embeddings: a point for each image that had one, so that images that are alike lie beside each other. Where the
 * points are is a resource (map-points.ts).
 */
export const EmbeddingMap = z.object({
  id: MapId,
  /** What computed the embeddings that it was drawn of. */
  by: EmbeddingSource,
  computedAt: z.string(),
  points: z.int(),
  /** How many of them UMAP laid out; the others were placed by those of these that they are most like. */
  laidOut: z.int(),
});
export type EmbeddingMap = z.infer<typeof EmbeddingMap>;

export const EmbeddingMapState = z.object({
  /** null where none was computed, or what is kept cannot be read. */
  map: EmbeddingMap.nullable(),
  /** Images of the project that are not on it. */
  missing: z.int(),
  /** Whether the embeddings are another network's by now. */
  outdated: z.boolean(),
  /** The job that draws it anew. */
  jobId: JobId.nullable(),
});
export type EmbeddingMapState = z.infer<typeof EmbeddingMapState>;

/** An image, and the cosine of its embedding with another's. */
export const Neighbour = z.object({ item: Item, similarity: z.number() });
export type Neighbour = z.infer<typeof Neighbour>;

/** `certain`: the surest first. `useful`: those to label next, uncertain and unlike what is labelled. `similar`: like one image. */
export const suggestionOrders = ['certain', 'useful', 'similar'] as const;

/** An unlabelled image, and the class that it likely has. */
export const Suggestion = z.object({
  item: Item,
  /** null as long as fewer than two classes have labels. */
  classId: ClassId.nullable(),
  /** Probability that the head gives the class; 0 without one. */
  certainty: z.number(),
  /** To the image that was asked for; null in the other orders. */
  similarity: z.number().nullable(),
});
export type Suggestion = z.infer<typeof Suggestion>;

export const SuggestionStats = z.object({
  /** `no-embeddings`: compute them first. `few-labels`: fewer than two classes have labelled images. */
  state: z.enum(['no-embeddings', 'few-labels', 'ready']),
  /** Grows with each answer of the head. */
  revision: z.int(),
  /** Images with a class; excluded ones count neither here nor below. */
  labelled: z.int(),
  /** Unlabelled images that have a suggestion, by class. */
  suggested: z.array(z.object({ classId: ClassId, count: z.int() })),
  /** Unlabelled images, with a suggestion or not. */
  left: z.int(),
  /** Images that were labelled since the project was opened and had a suggestion then, and how many were given that class. */
  confirmed: z.int(),
  right: z.int(),
  /** The same of the last 100. */
  lately: z.object({ confirmed: z.int(), right: z.int() }),
});
export type SuggestionStats = z.infer<typeof SuggestionStats>;
