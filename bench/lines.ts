/** The lines that measuring processes write, a JSON object each; process.ts reads them. */

/** The first line; a `Round` follows for each line that the process reads. */
export interface Ready {
  ready: true;
  /** "TensorFlow 2.21.0" */
  library: string;
  device: string;
  threads: number;
}
export interface Round {
  imagesPerSecond: number;
  loss: number;
  /** Greatest resident memory of the process so far, in bytes. */
  peakBytes: number;
}

/** The only line of the mode `precisions`. */
export interface Precisions {
  /** Why bfloat16 cannot be had; null where it can. */
  bfloat16: string | null;
}

/** Of this process. Node gives kibibytes on every system. */
export const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
