/**
 * Folders that archives were unpacked into by an import that was killed before it was stored. Removed before the next one:
 * they are copies, the archive is where it was.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openForReading, rows } from '../../project/database.ts';
import { databaseName } from '../../project/folder.ts';

const prefix = 'unpacked-';

/** The name, within a project, of a folder to unpack into. @param id that nobody has used */
export const unpackedName = (id: string) => join('uploads', prefix + id);

/** Imports of a project run one after the other, so what no source refers to is nobody's. */
export async function removeOrphans(project: string): Promise<void> {
  const folder = join(project, 'uploads');
  const found = await readdir(folder).catch(() => []);
  const unpacked = found.filter((name) => name.startsWith(prefix));
  if (unpacked.length === 0) return;
  const database = openForReading(join(project, databaseName));
  let roots: string[];
  try {
    roots = rows<{ root: string }>(database, 'SELECT root FROM sources').map(({ root }) => root);
  } finally {
    database.close();
  }
  for (const name of unpacked) {
    const used = roots.some((root) => root.split(/[\\/]/).includes(name));
    if (!used) await rm(join(folder, name), { recursive: true, force: true });
  }
}
