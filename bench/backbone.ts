/**
 * Features of the backbone: the studio's reader beside onnxruntime in Node and in Python, in turns, and whether they
 * agree. What a round is, is left to backbone-mode.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFound } from '#learning/backbones/backbones.ts';
import { backboneFile, type BackboneMode, measured, modelVariable } from './backbone-mode.ts';
import { onnxruntimeBackbone } from './peers.ts';
import { type Contender, type PartOptions, table, takeTurns, type Turns } from './turns.ts';

type Mode = BackboneMode | 'backbone-onnxruntime-python';

export interface BackboneResult extends Turns<Mode> {
  /** The studio's images a second to those of the fastest peer; null where one of them is missing. */
  atelierToBestPeer: number | null;
  /** Greatest relative difference of the features' sum to the studio's. */
  difference: number | null;
}

const limits = { ready: 120, round: 120 };

/** Null, and why, where the backbone is not on this machine. @param python one that has onnxruntime */
export async function benchBackbone(
  { self, python, rounds, seconds, threads }: PartOptions,
  onLine: (line: string) => void,
): Promise<BackboneResult | null> {
  if (!isFound(measured.name)) {
    onLine(
      `Features of the backbone: left out, ${measured.name} is not on this machine (npm start fetches it)`,
    );
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'atelier-bench-backbone-'));
  try {
    const model = join(folder, 'backbone.onnx');
    writeFileSync(model, await backboneFile());
    const contenders: Contender<Mode>[] = [
      { mode: 'backbone', label: 'Atelier', command: [...self, 'backbone'] },
      {
        mode: 'backbone-onnxruntime-node',
        label: 'onnxruntime in Node',
        command: [...self, 'backbone-onnxruntime-node'],
      },
      {
        mode: 'backbone-onnxruntime-python',
        label: 'onnxruntime in Python',
        command: python
          ? [python, '-c', onnxruntimeBackbone, model, String(measured.side), String(threads)]
          : { leftOut: 'no Python with onnxruntime was found (name one in ATELIER_PYTHON)' },
      },
    ];
    const environment = { ...process.env, [modelVariable]: model };
    const turns = await takeTurns(contenders, { rounds, amount: seconds, limits, environment }, onLine);
    for (const line of table(turns)) onLine(line);
    const own = turns.rows.find(({ mode }) => mode === 'backbone');
    const peers = turns.rows.filter(({ mode }) => mode !== 'backbone');
    if (!own || peers.length === 0) return { ...turns, atelierToBestPeer: null, difference: null };
    const atelierToBestPeer = own.imagesPerSecond / Math.max(...peers.map((row) => row.imagesPerSecond));
    const difference = Math.max(...peers.map(({ loss }) => Math.abs(loss / own.loss - 1)));
    onLine(
      `Atelier / fastest onnxruntime: ${atelierToBestPeer.toFixed(2)}; the features' sum differs by ${difference.toExponential(1)} of it at most.`,
    );
    return { ...turns, atelierToBestPeer, difference };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
