/** Task `read-labels`: a table of labels from its file, as what its rows say. Whose labels they are is the studio's to know. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { labelEdits } from '../../intake/table/label-columns.ts';
import { parseTable } from '../../intake/table/text.ts';
import type { TaskFunction } from '../protocol.ts';

export const readLabels: TaskFunction<'read-labels'> = async ({ file }) => {
  const name = basename(file);
  return labelEdits(parseTable(await readFile(file), name), name);
};
