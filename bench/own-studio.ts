/** What the programs of the bench run on: a studio in this process, with a folder and a state of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { createStudio } from '#engine/studio.ts';

/** "AMD EPYC, 2 cores, load 0.1" */
export const machine = (): string =>
  `${cpus()[0]?.model.trim()}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}`;

/** A folder for projects and for the state of all studios that are opened from now on; with what removes it. */
export function temporaryFolder(name: string): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), `atelier-bench-${name}-`));
  process.env['ATELIER_STATE'] = join(folder, 'state.json');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Called as the window calls it. */
export function openStudio(): { client: StudioClient; close(): Promise<void> } {
  const studio = createStudio({ desktop: false, allowedFolders: null, version: 'bench' });
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  return { client, close: () => studio.close() };
}

/** The value below which this share of them lies. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
