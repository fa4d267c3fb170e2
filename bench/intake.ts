/**
 * Importing pictures: Atelier's whole import, with its worker's start, its listing and its database, beside a loop with
 * Pillow in two processes that are started already. In turns, so that whatever else the machine does hits both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderVariable } from './intake-mode.ts';
import { type PictureSet, pictureSets } from './picture-sets.ts';
import { pillowIntake } from './peers.ts';
import { hearOut } from './process.ts';
import { type Contender, type PartOptions, takeTurns, type Turns } from './turns.ts';

type IntakeMode = 'intake' | 'pillow-intake';

export interface IntakeRow extends Turns<IntakeMode> {
  /** A set of intake-pictures.ts, or the folder that was named. */
  pictures: string;
  atelierToPillow: number | null;
}
export type IntakeResult = IntakeRow[];

type IntakeOptions = Pick<PartOptions, 'self' | 'python' | 'rounds'>;

const limits = { ready: 120, round: 600 };
const processes = 2;

/**
 * @param python one that has Pillow
 * @param folder of pictures in a folder per class; absent: those of picture-sets.ts
 */
export async function benchIntake(
  { folder, ...options }: IntakeOptions & { folder?: string | undefined },
  onLine: (line: string) => void,
): Promise<IntakeResult> {
  const made = folder === undefined ? mkdtempSync(join(tmpdir(), 'atelier-bench-pictures-')) : null;
  try {
    if (made !== null) {
      onLine('Intake: making the pictures');
      await hearOut([...options.self, 'intake-pictures'], { ...process.env, [folderVariable]: made });
    }
    const sets =
      made === null
        ? [[folder!, folder!] as const]
        : (Object.keys(pictureSets) as PictureSet[]).map(
            (set) => [pictureSets[set].label, join(made, set)] as const,
          );
    const result: IntakeResult = [];
    for (const [pictures, path] of sets) result.push(await measure(pictures, path, options, onLine));
    return result;
  } finally {
    if (made !== null) rmSync(made, { recursive: true, force: true });
  }
}

async function measure(
  pictures: string,
  path: string,
  { self, python, rounds }: IntakeOptions,
  onLine: (line: string) => void,
): Promise<IntakeRow> {
  onLine(`Intake of ${pictures}`);
  const contenders: Contender<IntakeMode>[] = [
    { mode: 'intake', label: 'Atelier, the whole import', command: [...self, 'intake'] },
    {
      mode: 'pillow-intake',
      label: `Pillow in ${processes} processes, reading alone`,
      command: python
        ? [python, '-c', pillowIntake, path, String(processes)]
        : { leftOut: 'no Python with Pillow was found (name one in ATELIER_PYTHON)' },
    },
  ];
  const environment = { ...process.env, [folderVariable]: path };
  const turns = await takeTurns(contenders, { rounds, amount: 1, limits, environment }, onLine);
  const number = (value: number) => Math.round(value).toLocaleString('en').padStart(7);
  onLine('');
  onLine(`${'images per second'.padEnd(40)} median  lowest highest`);
  for (const { label, imagesPerSecond, lowest, highest, library } of turns.rows)
    onLine(`${label.padEnd(38)} ${[imagesPerSecond, lowest, highest].map(number).join(' ')}  ${library}`);
  const [own, peer] = (['intake', 'pillow-intake'] as const).map(
    (mode) => turns.rows.find((row) => row.mode === mode)?.imagesPerSecond,
  );
  const atelierToPillow = own !== undefined && peer !== undefined ? own / peer : null;
  if (atelierToPillow !== null) onLine(`Atelier / Pillow: ${atelierToPillow.toFixed(2)}`);
  onLine('');
  return { ...turns, pictures, atelierToPillow };
}
