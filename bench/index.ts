/**
 * `atelier bench`: images per second of one training step, Atelier's beside tfjs's own and PyTorch's, in one
 * run on one machine. Every mode has a process of its own; they take turns, round by round, so that
 * whatever else the machine does hits all of them alike.
 */
// The command line's own tsconfig must find this declaration too, and an import cannot bring it.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./raw.d.ts" />
import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { promisify } from 'node:util';
import { AtelierError } from '#contract/errors.ts';
import { pythonExecutables } from '#learning/tensorflow/locate.ts';
import { atelierModes, pytorchModes, type BenchMode, type Ready } from './modes.ts';
import { BATCH_SIZE, PARAMETERS } from './network.ts';
import pytorchSource from './peers/pytorch.py?raw';
import { startMeasuring, type MeasuringProcess } from './process.ts';

export { runBenchMode } from './modes.ts';

export interface BenchOptions {
  /** The command that calls `runBenchMode` with the mode appended as its last argument. */
  self: readonly string[];
  /** Rounds of each mode; at least 3 make the median mean something. */
  rounds?: number;
  /** Seconds of one round. */
  seconds?: number;
  threads?: number;
}

export interface BenchRow {
  mode: BenchMode;
  library: string;
  device: string;
  threads: number;
  /** Median, least and greatest of the rounds. */
  imagesPerSecond: number;
  lowest: number;
  highest: number;
  rounds: number[];
  /** After the last round: shows that the mode did learn. */
  loss: number;
}

export interface BenchResult {
  parameters: number;
  batchSize: number;
  cpu: string;
  cores: number;
  /** Programs that wanted a core in the minute before, on average; 0 on Windows, which does not say. */
  loadBefore: number;
  rows: BenchRow[];
  leftOut: { mode: BenchMode; reason: string }[];
  /** Of the medians, and of the best rounds, which whatever else the machine did touched least. */
  ratios: Ratios;
  bestRoundRatios: Ratios;
}

export interface Ratios {
  tracedToBestPytorch: number | null;
  tracedToEager: number | null;
  bestPytorch: BenchMode | null;
}

const labels: Record<BenchMode, string> = {
  traced: 'Atelier, traced step',
  'eager-fused': 'tfjs eager, fused kernels',
  eager: 'tfjs eager, its own kernels',
  'pytorch-eager': 'PyTorch eager',
  'pytorch-channels-last': 'PyTorch eager, channels-last',
  'pytorch-compile': 'PyTorch torch.compile, channels-last',
};

/**
 * Measures every mode that can run here and tells it line by line.
 * Throws ENGINE_FAILED where Atelier's own traced step cannot be measured.
 */
export async function runBench(options: BenchOptions, onLine: (line: string) => void): Promise<BenchResult> {
  const { self, rounds = 5, seconds = 3, threads = coreCount() } = options;
  const cpu = cpus()[0]?.model.trim() ?? 'CPU';
  onLine(
    `Training step, ${PARAMETERS.toLocaleString('en')} parameters, batch ${BATCH_SIZE} of 28×28×1, float32`,
  );
  onLine(`${cpu}, ${threads} threads; ${rounds} rounds of ${seconds} s each, in turn`);

  const loadBefore = loadavg()[0] ?? 0;
  if (loadBefore > 0.5 * coreCount()) {
    onLine(
      `Others are at work here (load ${loadBefore.toFixed(1)} on ${coreCount()} cores): figures come out low, ` +
        "PyTorch's most of all, whose threads wait for each other. Measure again on a quiet machine.",
    );
  }

  const commands = new Map<BenchMode, readonly string[]>(atelierModes.map((mode) => [mode, [...self, mode]]));
  const leftOut: BenchResult['leftOut'] = [];
  const python = await findTorch();
  for (const mode of pytorchModes) {
    if (python) commands.set(mode, [python, '-c', pytorchSource, mode, String(threads)]);
    else leftOut.push({ mode, reason: 'no Python with torch was found (name one in ATELIER_PYTHON)' });
  }

  const environment = { ...process.env, ATELIER_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
  const running = new Map<BenchMode, MeasuringProcess>();
  const measured = new Map<BenchMode, { ready: Ready; rounds: number[]; loss: number }>();
  const leaveOut = (mode: BenchMode, reason: unknown) => {
    running.get(mode)?.end();
    running.delete(mode);
    measured.delete(mode);
    leftOut.push({ mode, reason: reason instanceof Error ? reason.message : String(reason) });
    onLine(`${labels[mode]}: left out, ${leftOut[leftOut.length - 1]?.reason}`);
  };
  try {
    for (const [mode, command] of commands) {
      try {
        const process = await startMeasuring(command, environment);
        running.set(mode, process);
        measured.set(mode, { ready: process.ready, rounds: [], loss: NaN });
      } catch (reason) {
        leaveOut(mode, reason);
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const [mode, process] of running) {
        try {
          const { imagesPerSecond, loss } = await process.round(seconds);
          const entry = measured.get(mode)!;
          entry.rounds.push(imagesPerSecond);
          entry.loss = loss;
        } catch (reason) {
          leaveOut(mode, reason);
        }
      }
      onLine(`round ${round + 1} of ${rounds} done`);
    }
  } finally {
    for (const process of running.values()) process.end();
  }

  const rows = [...measured].map(([mode, entry]) => row(mode, entry));
  const result: BenchResult = {
    parameters: PARAMETERS,
    batchSize: BATCH_SIZE,
    cpu,
    cores: coreCount(),
    loadBefore,
    rows,
    leftOut,
    ratios: ratios(rows),
    bestRoundRatios: ratios(rows.map(({ mode, highest }) => ({ mode, imagesPerSecond: highest }))),
  };
  if (!rows.some(({ mode }) => mode === 'traced')) {
    const reason = leftOut.find(({ mode }) => mode === 'traced')?.reason ?? 'it did not answer';
    throw new AtelierError(
      'ENGINE_FAILED',
      `The traced step could not be measured: ${reason}. Run atelier doctor.`,
    );
  }
  for (const line of report(result)) onLine(line);
  return result;
}

function row(
  mode: BenchMode,
  { ready, rounds, loss }: { ready: Ready; rounds: number[]; loss: number },
): BenchRow {
  const { library, device, threads } = ready;
  const range = { lowest: Math.min(...rounds), highest: Math.max(...rounds) };
  return { mode, library, device, threads, imagesPerSecond: median(rounds), ...range, rounds, loss };
}

/** Ratios of speeds; null where a side is missing. */
export function ratios(rows: Pick<BenchRow, 'mode' | 'imagesPerSecond'>[]): Ratios {
  const speed = (mode: BenchMode) => rows.find((row) => row.mode === mode)?.imagesPerSecond;
  const best = rows
    .filter(({ mode }) => mode.startsWith('pytorch'))
    .reduce<(typeof rows)[number] | null>(
      (a, b) => (a && a.imagesPerSecond >= b.imagesPerSecond ? a : b),
      null,
    );
  const [traced, eager] = [speed('traced'), speed('eager')];
  return {
    tracedToBestPytorch: traced && best ? traced / best.imagesPerSecond : null,
    tracedToEager: traced && eager ? traced / eager : null,
    bestPytorch: best?.mode ?? null,
  };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function* report({ rows, leftOut, ratios, bestRoundRatios }: BenchResult): Generator<string> {
  const number = (value: number) => Math.round(value).toLocaleString('en').padStart(7);
  yield '';
  yield `${'images per second'.padEnd(40)} median  lowest highest   loss`;
  for (const { mode, imagesPerSecond, lowest, highest, loss, library } of rows) {
    const figures = [imagesPerSecond, lowest, highest].map(number).join(' ');
    yield `${labels[mode].padEnd(38)} ${figures}  ${loss.toFixed(3)}  ${library}`;
  }
  for (const { mode, reason } of leftOut) yield `${labels[mode].padEnd(38)} left out: ${reason}`;
  yield '';
  const both = (key: 'tracedToBestPytorch' | 'tracedToEager') =>
    `${ratios[key]?.toFixed(2)} (of the best rounds: ${bestRoundRatios[key]?.toFixed(2)})`;
  if (ratios.bestPytorch !== null) {
    yield `traced / best PyTorch (${labels[ratios.bestPytorch]}): ${both('tracedToBestPytorch')}`;
  }
  if (ratios.tracedToEager !== null)
    yield `traced / tfjs eager with its own kernels: ${both('tracedToEager')}`;
}

/** The first Python at hand that can import torch. */
async function findTorch(): Promise<string | null> {
  for (const python of pythonExecutables()) {
    try {
      await promisify(execFile)(python, ['-c', 'import torch'], { timeout: 60_000 });
      return python;
    } catch {
      // The next one may have it.
    }
  }
  return null;
}

function coreCount(): number {
  return typeof availableParallelism === 'function' ? availableParallelism() : cpus().length;
}
