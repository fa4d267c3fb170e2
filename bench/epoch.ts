/**
 * A whole epoch of 60,000 images with crop, flip, rotation and erasing: Atelier's training step, which augments
 * inside its graph, beside PyTorch with torchvision's transforms and a DataLoader. In slices that take turns.
 */
import { pytorchEpoch } from './peers.ts';
import { EPOCH_IMAGES } from './recipes.ts';
import { type Contender, type PartOptions, takeTurns, table, type Turns } from './turns.ts';

const epochModes = ['epoch', 'pytorch-epoch'] as const;
export type EpochMode = (typeof epochModes)[number];

export interface EpochResult extends Turns<EpochMode> {
  images: number;
  /** Of the whole epoch: seconds add up over the slices. */
  seconds: Partial<Record<EpochMode, number>>;
  atelierToPytorch: number | null;
  /** Peak memory of the main process of each; PyTorch's DataLoader has workers beside it. */
  memoryToPytorch: number | null;
}

const slices = 4;

interface EpochOptions extends Omit<PartOptions, 'rounds' | 'seconds'> {
  /** Of PyTorch: the fastest of its float32 steps. */
  layout: 'eager' | 'channels-last' | 'compile';
  images?: number | undefined;
}

export async function benchEpoch(
  { self, python, layout, threads, images = EPOCH_IMAGES }: EpochOptions,
  onLine: (line: string) => void,
): Promise<EpochResult> {
  onLine(
    `Epoch of ${images.toLocaleString('en')} images: crop, flip, rotation, erasing; in ${slices} slices`,
  );
  const contenders: Contender<EpochMode>[] = [
    { mode: 'epoch', label: 'Atelier, augmented in the traced step', command: [...self, 'epoch'] },
    {
      mode: 'pytorch-epoch',
      label: `PyTorch ${layout}, torchvision, DataLoader`,
      command: python
        ? [python, '-c', pytorchEpoch, String(threads), layout, 'fastest']
        : { leftOut: 'no Python with torch and torchvision was found (name one in ATELIER_PYTHON)' },
    },
  ];
  const environment = { ...process.env, ATELIER_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
  const amount = Math.ceil(images / slices);
  // Slower than 20 images a second is no answer.
  const limits = { ready: 900, round: 60 + amount / 20 };
  const turns = await takeTurns(contenders, { rounds: slices, amount, limits, environment }, onLine);
  const seconds: EpochResult['seconds'] = {};
  for (const { mode, rounds } of turns.rows) {
    seconds[mode] = rounds.reduce((sum, speed) => sum + amount / speed, 0);
  }
  const [own, peer] = epochModes.map((mode) => seconds[mode]);
  const atelierToPytorch = own !== undefined && peer !== undefined ? peer / own : null;
  const [ownBytes, peerBytes] = epochModes.map(
    (mode) => turns.rows.find((row) => row.mode === mode)?.peakBytes,
  );
  const memoryToPytorch = ownBytes !== undefined && peerBytes !== undefined ? ownBytes / peerBytes : null;
  for (const line of table(turns)) onLine(line);
  if (atelierToPytorch !== null) {
    onLine(
      `epoch: ${own!.toFixed(0)} s against ${peer!.toFixed(0)} s: ${atelierToPytorch.toFixed(2)} × as fast`,
    );
  }
  if (memoryToPytorch !== null)
    onLine(`peak memory of the main process / the same: ${memoryToPytorch.toFixed(2)}`);
  return { ...turns, images, seconds, atelierToPytorch, memoryToPytorch };
}
