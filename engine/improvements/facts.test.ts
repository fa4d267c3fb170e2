/** Which images the calibration of a run is read of: those of validation, as all that is chosen by. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Calibration, Evidence } from '#contract/evidence.ts';
import type { Split } from '#contract/project.ts';
import { evidenceFile } from '../project/prediction-files.ts';
import type { OpenProject } from '../project/project.ts';
import { calibrationOf } from './facts.ts';

it('reads calibration of the validation images, and of the test images only where there is nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-facts-'));
  const evaluatedAt = '2026-11-27T12:00:00.000Z';
  const runs = { folderOf: () => folder, evaluation: () => ({ evaluatedAt }) };
  const read = () => calibrationOf({ runs: runs as unknown as OpenProject['runs'] }, 'run-1');
  const keep = (split: Split, error: number, scaled: number) => {
    const at = (of: number) =>
      Calibration.parse({ bins: [], error: of, ifPerfect: { low: 0, high: 1 }, loss: 1, brier: 1 });
    const evidence = Evidence.parse({
      ...{ runId: 'run-1', split, evaluatedAt, count: 9, draws: 1, metrics: [], classes: [] },
      ...{ calibration: at(error), temperature: { temperature: 2, images: 9, calibration: at(scaled) } },
      ...{ coverage: { points: [], area: null, most: null, all: null } },
    });
    writeFileSync(evidenceFile(folder, split), JSON.stringify(evidence));
  };
  expect(await read()).toBeNull();
  keep('test', 0.123, 0.037);
  expect(await read()).toEqual({ split: 'test', error: 0.123, scaled: 0.037 });
  keep('validation', 0.1156, 0.0765);
  expect(await read()).toEqual({ split: 'validation', error: 0.1156, scaled: 0.0765 });
});
