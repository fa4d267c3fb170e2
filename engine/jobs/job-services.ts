/** What every kind of job is handed: the open project, the queue, workers, a place for passing files, a voice. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StudioEvent } from '#contract/events.ts';
import type { OpenProject } from '../project/project.ts';
import type { Jobs } from './queue.ts';
import type { Spawner, WarmWorker } from './workers.ts';

export interface JobServices {
  readonly version: string;
  readonly jobs: Jobs;
  readonly spawner: Spawner;
  readonly warm: WarmWorker;
  /** Emptied when the studio closes. */
  readonly temporary: string;
  emit(event: StudioEvent): void;
  /** @throws NO_PROJECT */
  project(): OpenProject;
}

const previewsKept = 64;

/** A fresh folder for passing images, under an unguessable name; the oldest ones make room. */
export function previewFolder(services: JobServices): { previewId: string; folder: string } {
  const parent = join(services.temporary, 'previews');
  mkdirSync(parent, { recursive: true });
  const stamp = Date.now().toString(36).padStart(9, '0');
  const old = readdirSync(parent).sort();
  for (const name of old.slice(0, Math.max(0, old.length - previewsKept))) {
    rmSync(join(parent, name), { recursive: true, force: true });
  }
  const previewId = `${stamp}-${randomBytes(16).toString('hex')}`;
  const folder = join(parent, previewId);
  mkdirSync(folder);
  return { previewId, folder };
}
