/** The lines that measuring processes write, a JSON object each, and how they take rounds; process.ts reads them. */
import { createInterface } from 'node:readline';

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

/** Says that this process is ready, then answers each number on stdin with the round that it is for, until stdin ends. */
export async function serveRounds(
  write: (line: string) => void,
  ready: Omit<Ready, 'ready'>,
  measure: (amount: number) => Promise<Omit<Round, 'peakBytes'>>,
): Promise<void> {
  write(JSON.stringify({ ready: true, ...ready } satisfies Ready));
  for await (const line of createInterface({ input: process.stdin })) {
    const round = await measure(Number(line));
    // Node gives kibibytes on every system.
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    write(JSON.stringify({ ...round, peakBytes } satisfies Round));
  }
}
