/** What a training is given beside its recipe and data, what it tells on the way, and what it comes to. */
import type { WireError } from '#contract/errors.ts';
import type { Epoch, EngineInfo } from '#contract/run.ts';
import type { WriteFile } from '#learning/files/durable-file.ts';
import type { TrainingPaces } from '#learning/timing/paced.ts';
import type { Normalisation } from '#recipe/check-normalisation.ts';
import type { FeatureStore } from '#recipe/frozen.ts';
import type { CheckpointEngine } from '#learning/training/checkpoint/checkpoint.ts';
import type { Initial } from '#learning/training/checkpoint/initial.ts';

export type TrainingEvent =
  | { kind: 'started'; parameters: number; steps: number; engine: EngineInfo }
  /** A damaged checkpoint was passed over; training goes on from the one before. */
  | { kind: 'checkpoint-rejected'; file: string; reason: string }
  /**
   * Before the first step: how many weights came from `initial`, and which could not; `unfrozen` names those for whose
   * sake the optimizer state begins anew (initial.ts).
   */
  | {
      kind: 'initialised';
      how: Initial['how'];
      taken: number;
      /** Weights that the file holds. */
      available: number;
      fresh: string[];
      unfrozen: string[];
    }
  /** Before the first step, where layers are frozen: what they give is being computed. */
  | { kind: 'features-step'; done: number; total: number }
  /** Before the first step, where layers are frozen: whether what they give is kept. */
  | { kind: 'features'; views: number; reason: string | null; computed: number }
  /** Before the first step of a resumed training: its checkpoint is of another engine than what it goes on on. */
  | { kind: 'engine-changed'; from: CheckpointEngine; to: CheckpointEngine }
  /** Before the first step of a resumed training: what its checkpoint holds; nothing, and 0, where there is none. */
  | { kind: 'resumed'; epochs: Epoch[]; bestEpoch: number }
  /** About four times a second: loss and accuracy over the steps since the last one. */
  | {
      kind: 'progress';
      /** Of the run, also where it was resumed. */
      step: number;
      steps: number;
      epoch: number;
      epochs: number;
      loss: number;
      accuracy: number;
      learningRate: number;
      imagesPerSecond: number;
      secondsLeft: number | null;
    }
  | { kind: 'epoch'; epoch: Epoch; best: boolean }
  /** The disk is full: nothing is lost, and it tries again until it succeeds or is cancelled. */
  | { kind: 'paused'; reason: WireError }
  | { kind: 'unpaused' };

export interface TrainingOptions {
  /** The run's folder, made where it is missing. */
  folder: string;
  onEvent: (event: TrainingEvent) => void;
  signal: AbortSignal;
  /** Go on from the folder's last whole checkpoint; from the beginning where there is none, and no kept weights would be lost by it. */
  resume: boolean;
  /** File to begin with, of an earlier run (initial.ts); random weights where absent. */
  initial?: string;
  /** Where features of frozen layers are kept between runs; nowhere when absent. */
  store?: FeatureStore;
  /** Holds after this epoch, so that it can be resumed or be left at that (successive halving). */
  holdAfter?: number;
  /** Between two checkpoints within an epoch, 20 when absent. Changes nothing about the result. */
  checkpointInterval?: number;
  /** Between two attempts to save on a full disk, 2 when absent. */
  retrySeconds?: number;
  /** How files are written; durably when absent. For tests of what fails. */
  write?: WriteFile;
}

export interface TrainingResult {
  epochs: Epoch[];
  /** Whose weights are in `model.safetensors`, from 1; 0 where it was cancelled before an epoch was done. */
  bestEpoch: number;
  normalisation: Normalisation;
  stopped: 'finished' | 'early' | 'cancelled' | 'held';
  /** Mean over the training parts of all epochs. */
  imagesPerSecond: number;
  /** `packed` is not known here: pixels are given. */
  paces: Omit<TrainingPaces, 'packed'>;
}
