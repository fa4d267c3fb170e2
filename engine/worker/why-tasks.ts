/** The tasks of why, as protocol.ts has them: explanations of one image, error slices, corruption sweeps. */
import type { Explanation, ExplanationMethod } from '#contract/explanation.ts';
import type { Robustness } from '#contract/robustness.ts';
import type { SliceCondition, Slices, StoredSlices } from '#contract/slices.ts';
import type { EmbeddingOrigin } from '#learning/embeddings/embedding-network.ts';
import type { ImageReference } from './picture-tasks.ts';
import type { StepDone } from './step-done.ts';

/** A condition as a worker knows it: classes by their place, sources by their id alone. */
export type SliceOfPart =
  | Exclude<SliceCondition, { by: 'class' | 'source' | 'cluster' }>
  | { by: 'class'; place: number }
  | { by: 'source'; sourceId: number }
  | { by: 'cluster'; cluster: number; mostly: number; share: number };

type StoredSlice = StoredSlices['slices'][number];

export interface WhyTasks {
  /** Writes PNGs: the image as the network saw it, and, where there is heat, the same with it over it. */
  explain: {
    input: {
      project: string;
      folder: string;
      image: ImageReference;
      method: ExplanationMethod;
      /** Index of the class; null for the predicted one. */
      target: number | null;
      networkImage: string;
      overlay: string;
    };
    event: never;
    result: Pick<
      Explanation,
      | 'probabilities'
      | 'predicted'
      | 'target'
      | 'heat'
      | 'reason'
      | 'layer'
      | 'patch'
      | 'input'
      | 'milliseconds'
    >;
  };
  /** Computes what the run's classifier looks at of its training images, where that is missing, and keeps it in the project. */
  'nearest-open': {
    input: { project: string; folder: string };
    event: StepDone;
    result: { images: number };
  };
  /** The training images that are most like one, of those that `nearest-open` looked at. */
  nearest: {
    input: { project: string; folder: string; image: ImageReference; count: number };
    event: never;
    result: { missing: number; images: number; nearest: { itemId: number; similarity: number }[] };
  };
  /** Reads the files of a part's predictions. `origin`: the project's own embeddings, which clusters are of as far as all are there. */
  slices: {
    input: {
      project: string;
      folder: string;
      lastItemId: number;
      rows: string;
      labels: string;
      predictions: string;
      origin: EmbeddingOrigin | null;
    };
    event: StepDone;
    result: Pick<
      Slices,
      'images' | 'wrong' | 'tried' | 'falseDiscoveryRate' | 'leastImages' | 'clusteredBy' | 'unread'
    > & {
      slices: (Omit<StoredSlice, 'condition' | 'alike' | 'itemIds'> & {
        condition: SliceOfPart;
        alike: SliceOfPart[];
        /** Of its images in the part. */
        places: number[];
      })[];
    };
  };
  /** Reads rows and labels of a part, and asks the run about a sample of them. */
  robustness: {
    input: {
      project: string;
      folder: string;
      lastItemId: number;
      rows: string;
      labels: string;
      images: number;
      seed: number;
    };
    event: StepDone;
    result: Pick<Robustness, 'images' | 'of' | 'clean' | 'mean' | 'corruptions'>;
  };
}
