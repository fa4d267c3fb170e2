/** A sample sheet of the images that a filter lists, drawn by the warm worker out of their thumbnails. */
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { SampleSheet } from '#contract/sample-sheet.ts';
import { generator, shuffle } from '#learning/random-numbers.ts';
import { unlabelled } from '../project/database-problems.ts';
import type { OpenProject } from '../project/project.ts';
import type { JobServices } from './job-services.ts';

export interface SampleRow {
  name: string;
  /** Images of the class in the list, of which these are some. */
  total: number;
  itemIds: number[];
}

/** A row for each class that the list has images of, in the order of the classes; unlabelled images last. */
export function sampleRows(project: OpenProject, { filter, perClass, seed }: SampleSheet): SampleRow[] {
  const { columns } = project;
  const ofClass = new Map<number, number[]>();
  for (const at of columns.matching(filter)) {
    const classId = columns.classIds[at]!;
    const ids = ofClass.get(classId);
    if (ids) ids.push(columns.ids[at]!);
    else ofClass.set(classId, [columns.ids[at]!]);
  }
  const all = [...project.classes(), { id: unlabelled, name: 'unlabelled' }];
  return all.flatMap(({ id, name }) => {
    const ids = ofClass.get(id);
    if (!ids) return [];
    const chosen = filter.sort
      ? ids.slice(0, perClass)
      : [...shuffle(Int32Array.from(ids), generator(seed, id))].slice(0, perClass).sort((a, b) => a - b);
    return [{ name, total: ids.length, itemIds: chosen }];
  });
}

/** @returns a PNG. @throws NOT_ENOUGH_DATA where the list is empty */
export async function drawSampleSheet(services: JobServices, options: SampleSheet): Promise<Uint8Array> {
  const project = services.project();
  const rows = sampleRows(project, options);
  if (rows.length === 0)
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      'Expected images to make a sample sheet of; none are listed. Ask for others.',
    );
  const path = join(services.temporary, `samples-${randomBytes(8).toString('hex')}.png`);
  try {
    await services.warm.run('sample-sheet', { project: project.path, rows, path });
    return await readFile(path);
  } finally {
    await rm(path, { force: true });
  }
}
