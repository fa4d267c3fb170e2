/** The tasks of groups, parts and folds, as protocol.ts has them. */
import type { GroupBy, SplitReport } from '#contract/splits.ts';
import type { EmbeddingOrigin } from '#learning/embeddings/embedding-network.ts';
import type { FoundGroups } from '../project/image-groups.ts';
import type { Moved, Redraw } from '../project/redraw.ts';
import type { StepDone } from './step-done.ts';

export interface SplitTasks {
  /**
   * Finds which images belong together. `table`: file of a column; `keys`: values of one that was read before. `origin`: whose
   * embeddings are looked at, as far as they were computed.
   */
  'group-images': {
    input: {
      project: string;
      lastItemId: number;
      by: GroupBy;
      table: string | null;
      keys: [itemId: number, key: string][];
      origin: EmbeddingOrigin | null;
    };
    event: StepDone;
    result: Omit<FoundGroups, 'at'>;
  };
  /** Says what a draw comes to. `length` and `lastChangeId` name the state of the project that it is of. */
  'draw-split': {
    input: { project: string; redraw: Redraw; grouped: boolean };
    event: never;
    result: {
      moved: Moved[];
      report: Omit<SplitReport, 'groups'>;
      length: number;
      lastChangeId: number;
    };
  };
  /** Folds from 0 that keep groups whole, of images in the order of `labels` (class indices). */
  'draw-folds': {
    input: { labels: number[]; groups: number[]; folds: number; seed: number };
    event: never;
    result: { foldOf: number[] };
  };
  /** Growing parts of images in the order of `labels` (class indices): the share at which each joins, for each seed. */
  'join-parts': {
    input: { labels: number[]; groups: number[]; seeds: number[] };
    event: never;
    result: { shares: number[][] };
  };
}
