/**
 * Images per second of one training step: Atelier's beside tfjs's own and PyTorch's, in float32 and, where the
 * device has it, in bfloat16.
 */
import { AtelierError } from '#contract/errors.ts';
import { type AtelierMode, atelierModes, type BenchMode, isBfloat16, pytorchModes } from './modes.ts';
import { BATCH_SIZE, PARAMETERS } from './network.ts';
import { pytorchSteps } from './peers.ts';
import { type BenchRow, type Contender, type PartOptions, takeTurns, table, type Turns } from './turns.ts';

export interface StepResult extends Turns<BenchMode> {
  parameters: number;
  batchSize: number;
  /** Of the medians, and of the best rounds, which whatever else the machine did touched least. */
  ratios: Ratios;
  bestRoundRatios: Ratios;
}

export interface Ratios {
  tracedToBestPytorch: number | null;
  tracedToEager: number | null;
  /** bfloat16 against PyTorch's best float32. */
  bfloat16ToBestPytorch: number | null;
  bestPytorch: BenchMode | null;
  /** Peak memory of the traced step against the best PyTorch's. */
  memoryToBestPytorch: number | null;
}

const labels: Record<BenchMode, string> = {
  traced: 'Atelier, traced step',
  'traced-bfloat16': 'Atelier, traced step, bfloat16',
  'eager-fused': 'tfjs eager, fused kernels',
  eager: 'tfjs eager, its own kernels',
  'pytorch-eager': 'PyTorch eager',
  'pytorch-channels-last': 'PyTorch eager, channels-last',
  'pytorch-compile': 'PyTorch torch.compile, channels-last',
  'pytorch-bfloat16': 'PyTorch torch.compile, bfloat16 autocast',
};

interface StepOptions extends PartOptions {
  /** Why bfloat16 cannot be had; null where it can. */
  bfloat16: string | null;
}

/** Throws ENGINE_FAILED where Atelier's own traced step cannot be measured. */
export async function benchSteps(options: StepOptions, onLine: (line: string) => void): Promise<StepResult> {
  const { self, python, rounds, seconds, threads, bfloat16 } = options;
  onLine(
    `Training step, ${PARAMETERS.toLocaleString('en')} parameters, batch ${BATCH_SIZE} of 28×28×1; ` +
      `${threads} threads; ${rounds} rounds of ${seconds} s each, in turn`,
  );
  const command = (mode: BenchMode): Contender<BenchMode>['command'] => {
    if (isBfloat16(mode) && bfloat16 !== null) return { leftOut: bfloat16 };
    if ((atelierModes as readonly string[]).includes(mode)) return [...self, mode as AtelierMode];
    if (python) return [python, '-c', pytorchSteps, mode, String(threads)];
    return { leftOut: 'no Python with torch was found (name one in ATELIER_PYTHON)' };
  };
  const contenders = [...atelierModes, ...pytorchModes].map((mode) => ({
    mode,
    label: labels[mode],
    command: command(mode),
  }));
  const environment = { ...process.env, ATELIER_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
  // A step may be long, and torch.compile takes minutes to be ready.
  const limits = { ready: 900, round: seconds + 120 };
  const turns = await takeTurns(contenders, { rounds, amount: seconds, limits, environment }, onLine);
  if (!turns.rows.some(({ mode }) => mode === 'traced')) {
    const reason = turns.leftOut.find(({ mode }) => mode === 'traced')?.reason ?? 'it did not answer';
    throw new AtelierError(
      'ENGINE_FAILED',
      `The traced step could not be measured: ${reason}. Run atelier doctor.`,
    );
  }
  const result: StepResult = {
    ...turns,
    parameters: PARAMETERS,
    batchSize: BATCH_SIZE,
    ratios: ratios(turns.rows),
    bestRoundRatios: ratios(turns.rows.map((row) => ({ ...row, imagesPerSecond: row.highest }))),
  };
  for (const line of table(turns)) onLine(line);
  for (const line of ratioLines(result)) onLine(line);
  return result;
}

/** Ratios of speeds; null where a side is missing. */
export function ratios(rows: Pick<BenchRow<BenchMode>, 'mode' | 'imagesPerSecond' | 'peakBytes'>[]): Ratios {
  type Row = (typeof rows)[number];
  const find = (mode: BenchMode) => rows.find((row) => row.mode === mode);
  const best = rows
    .filter(({ mode }) => mode.startsWith('pytorch') && !isBfloat16(mode))
    .reduce<Row | null>((a, b) => (a && a.imagesPerSecond >= b.imagesPerSecond ? a : b), null);
  const ratio = (
    a: Row | null | undefined,
    b: Row | null | undefined,
    what: 'imagesPerSecond' | 'peakBytes',
  ) => (a && b ? a[what] / b[what] : null);
  const traced = find('traced');
  return {
    tracedToBestPytorch: ratio(traced, best, 'imagesPerSecond'),
    tracedToEager: ratio(traced, find('eager'), 'imagesPerSecond'),
    bfloat16ToBestPytorch: ratio(find('traced-bfloat16'), best, 'imagesPerSecond'),
    bestPytorch: best?.mode ?? null,
    memoryToBestPytorch: ratio(traced, best, 'peakBytes'),
  };
}

function* ratioLines({ ratios, bestRoundRatios }: StepResult): Generator<string> {
  const both = (key: 'tracedToBestPytorch' | 'tracedToEager' | 'bfloat16ToBestPytorch') =>
    `${ratios[key]?.toFixed(2)} (of the best rounds: ${bestRoundRatios[key]?.toFixed(2)})`;
  if (ratios.bestPytorch !== null) {
    const peer = labels[ratios.bestPytorch];
    yield `traced / best PyTorch in float32 (${peer}): ${both('tracedToBestPytorch')}`;
    if (ratios.bfloat16ToBestPytorch !== null)
      yield `traced in bfloat16 / the same: ${both('bfloat16ToBestPytorch')}`;
    yield `peak memory, traced / the same: ${ratios.memoryToBestPytorch?.toFixed(2)}`;
  }
  if (ratios.tracedToEager !== null) {
    yield `traced / tfjs eager with its own kernels: ${both('tracedToEager')}`;
  }
}
