/**
 * The folders of runs, and how they go with their runs: rows first, then folders, which a mark in the database names
 * until they are gone. On a full disk the database has no room for that either: there the folder is renamed first, which
 * takes none, and emptied, which makes some. Whatever dies in between, the next opening finishes it.
 */
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { RunId } from '#contract/ids.ts';
import { notWritten } from '#learning/files/durable-file.ts';
import { deletedMark, deletedRunOf } from './database-problems.ts';
import type { Connection } from './connection.ts';
import { isOwnFolder } from './leftovers.ts';
import { type Database, rows } from './database.ts';

/** End of the name of a folder that is to go, and whose run's row is to go too. */
const going = '.deleted';

export class RunFolders {
  constructor(
    private readonly connection: Connection,
    private readonly folder: string,
  ) {}

  pathOf(runId: string): string {
    return join(this.folder, runId);
  }

  /** @throws DISK_FULL, FILE_NOT_WRITABLE */
  make(runId: string): void {
    const path = this.pathOf(runId);
    try {
      mkdirSync(path, { recursive: true });
    } catch (cause) {
      throw notWritten(path, cause);
    }
  }

  /**
   * Deletes runs; their folders are left to `remove`.
   * @param work deletes their rows
   */
  async delete(runIds: readonly string[], work: (database: Database) => void): Promise<void> {
    // What a hand wrote there is no name of a folder of ours.
    const named = runIds.filter((runId) => RunId.safeParse(runId).success);
    const deleteRows = () =>
      this.connection.change((database) => {
        work(database);
        const put = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '')");
        for (const runId of named) put.run(deletedMark + runId);
      });
    try {
      await deleteRows();
    } catch (thrown) {
      if (!(thrown instanceof AtelierError) || thrown.code !== 'DISK_FULL') throw thrown;
      for (const runId of named) this.#setGoing(runId);
      await this.#empty();
      await deleteRows();
    }
  }

  #setGoing(runId: string): void {
    try {
      renameSync(this.pathOf(runId), this.pathOf(runId) + going);
    } catch {
      // It has no folder, or it is on its way already.
    }
  }

  /** Runs whose folder is set to go. */
  #going(): string[] {
    try {
      return readdirSync(this.folder)
        .filter((name) => name.endsWith(going))
        .map((name) => name.slice(0, -going.length))
        .filter((runId) => RunId.safeParse(runId).success);
    } catch {
      return [];
    }
  }

  /** What is in the folders that are set to go; they themselves say that their rows are to go. */
  async #empty(): Promise<void> {
    for (const runId of this.#going()) {
      const path = this.pathOf(runId) + going;
      for (const name of readdirSync(path)) await rm(join(path, name), { recursive: true, force: true });
    }
  }

  /** Removes the folders of deleted runs, those too that a process which died, or another program's hold, left behind. */
  async remove(): Promise<void> {
    if (!isOwnFolder(this.folder)) return;
    const unfinished = this.#going();
    if (unfinished.length > 0) {
      await this.#empty();
      await this.connection.change((database) => {
        const remove = database.prepare('DELETE FROM runs WHERE id = ?');
        for (const runId of unfinished) remove.run(runId);
      });
      for (const runId of unfinished) await rm(this.pathOf(runId) + going, { recursive: true, force: true });
    }
    const marks = rows<{ key: string }>(
      this.connection.database,
      'SELECT key FROM meta WHERE substr(key, 1, ?) = ?',
      deletedMark.length,
      deletedMark,
    );
    for (const { key } of marks) {
      const runId = deletedRunOf(key);
      if (runId === null) continue;
      try {
        await rm(this.pathOf(runId), { recursive: true, force: true });
      } catch {
        // In use by another program: the mark stays, and the next opening tries again.
        continue;
      }
      await this.connection.change((database) => database.prepare('DELETE FROM meta WHERE key = ?').run(key));
    }
  }
}
