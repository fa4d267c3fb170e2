/** What a grid asks for. */

/** Seen now, or read ahead: `inSight` comes first. */
export type Urgency = 'inSight' | 'ahead';

export interface ThumbnailRequest {
  /** What is shown, in the order in which it matters. */
  now: readonly number[];
  /** What is likely to be shown next. */
  next: readonly number[];
}
