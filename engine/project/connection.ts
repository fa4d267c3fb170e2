/**
 * The studio's connection to the open project's database: all changes one after another, each a transaction that is
 * acknowledged when it is on the disk and the file is still the one that was opened. It waits for a lock without
 * holding up the process, and stops for good where the file was taken away. SQL is left to those who ask for changes.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import { type Database, inWords, openDatabase, transaction } from './database.ts';
import { type Identity, identify, putLogAside, whatBecameOf } from './identity.ts';
import { holderOfDatabase } from './lock.ts';
import { lookInto } from './look.ts';
import { requirePresentSchema } from './migrations.ts';

/** Longest wait for a lock that another program holds on the database, and between two tries. */
const longestWait = 10_000;
const longestPause = 50;
/** Longest wait for the worker of a studio that was killed: it ends as soon as it notices. */
const longestSettling = 60_000;

/** What a test may put in the place of the real thing. */
export interface ConnectionTerms {
  waitMilliseconds?: number;
  /** False does without asking whether the file is still there, to show that this is noticed. */
  checked?: boolean;
}

export class Connection {
  /** Told when changes begin to be refused, and when they are taken again. */
  onStopped: () => void = () => undefined;
  #database: Database;
  #identity: Identity | null;
  #stopped: AtelierError | null;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  private constructor(
    readonly path: string,
    database: Database,
    stopped: AtelierError | null,
    private readonly terms: ConnectionTerms,
  ) {
    this.#database = database;
    this.#stopped = stopped;
    this.#identity = stopped ? null : identify(path);
  }

  /**
   * Opens the database to change it, or makes it. Waits for a lock that is held elsewhere.
   * @throws PROJECT_LOCKED, PROJECT_TOO_NEW, PROJECT_DAMAGED, and all that `storageError` knows
   */
  static async open(path: string, create: boolean, terms: ConnectionTerms = {}): Promise<Connection> {
    const database = await patiently(path, terms, undefined, () => openDatabase(path, { wait: 0, create }));
    return new Connection(path, database, null, terms);
  }

  /**
   * Opens it to look. Where a full disk is the reason, each change tries whether there is room again.
   * @throws PROJECT_READ_ONLY for an older schema, PROJECT_TOO_NEW, PROJECT_DAMAGED, and all that `storageError` knows
   */
  static look(path: string, reason: AtelierError, terms: ConnectionTerms = {}): Connection {
    return new Connection(path, look(path), reason, terms);
  }

  /** To read from. It may be another one after a change. */
  get database(): Database {
    return this.#database;
  }

  /** Why changes are refused; null where they are taken. */
  get stopped(): AtelierError | null {
    return this.#stopped;
  }

  /**
   * Waits until nobody else writes: the worker of a studio that was killed may hold what it has not committed, and what is
   * read before it has ended might not be what is there afterwards. @throws PROJECT_LOCKED
   */
  settled(): Promise<void> {
    const terms = { waitMilliseconds: longestSettling, ...this.terms };
    return patiently(this.path, terms, this.#closing.signal, () =>
      transaction(this.#database, () => undefined),
    );
  }

  /** Does `work` in one transaction, after every change asked for before it. */
  change<T>(work: (database: Database) => T): Promise<T> {
    return this.inTurn(() => this.commit(work));
  }

  /** Keeps all changes waiting while `work`, such as a worker with a connection of its own, writes. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      this.requireWritable();
      this.#requireSame();
      const result = await work();
      this.#requireSame();
      return result;
    });
  }

  /** Does `work` after all that was asked for before it. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work, work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** One transaction at once; to be called in turn. What it resolves with may be acknowledged. */
  async commit<T>(work: (database: Database) => T): Promise<T> {
    this.requireWritable();
    this.#requireSame();
    let result: T;
    try {
      result = await patiently(this.path, this.terms, this.#closing.signal, () =>
        transaction(this.#database, () => work(this.#database)),
      );
    } catch (thrown) {
      // Where the file was taken away, that is the true word for what SQLite met.
      this.#requireSame();
      throw thrown;
    }
    this.#requireSame();
    return result;
  }

  /** @throws why changes are refused: PROJECT_READ_ONLY, PROJECT_REPLACED, DISK_FULL */
  requireWritable(): void {
    if (!this.#stopped) return;
    if (this.#stopped.code === 'DISK_FULL') this.#tryAgain();
    if (this.#stopped) throw AtelierError.fromWire(this.#stopped.toWire());
  }

  /** Opens to write what was opened to look at on a full disk. */
  #tryAgain(): void {
    this.#database.close();
    try {
      this.#database = openDatabase(this.path, { wait: 0 });
      this.#stopped = null;
      this.#identity = identify(this.path);
    } catch {
      this.#database = look(this.path);
      return;
    }
    this.onStopped();
  }

  /** @throws PROJECT_REPLACED */
  #requireSame(): void {
    if (!this.#identity || this.terms.checked === false) return;
    const became = whatBecameOf(this.path, this.#identity);
    if (became === null) return;
    if (became.log) this.#rescueLog();
    else putLogAside(this.path, this.#identity);
    const kept = became.log
      ? 'All that was acknowledged before is in the database.'
      : 'All that was acknowledged before is in the file that was opened, wherever that is now.';
    this.#identity = null;
    this.#stopped = new AtelierError(
      'PROJECT_REPLACED',
      `The database of this project is not as it was opened: ${became.words}. Another program, such as one that keeps folders in step, did that. This change was not saved, and no other will be. ${kept} Put it back if it was moved, then open the project again.`,
      { path: this.path },
    );
    this.onStopped();
    throw AtelierError.fromWire(this.#stopped.toWire());
  }

  /** What the log that nobody will find holds goes into the database, which is still the same. */
  #rescueLog(): void {
    inWords(this.path, () => this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  /** Waits for what is being written, but for no lock, then lets go of the file. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#queue.catch(() => undefined);
    if (this.#database.isOpen) this.#database.close();
  }
}

function look(path: string): Database {
  return inWords(path, () => {
    const database = lookInto(path, 0);
    try {
      requirePresentSchema(database, path);
      return database;
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  });
}

/**
 * Does `work` again for as long as a lock is in its way, and gives way to other work in between.
 * @throws PROJECT_LOCKED, naming who holds it where that is known
 */
async function patiently<T>(
  path: string,
  { waitMilliseconds = longestWait }: ConnectionTerms,
  signal: AbortSignal | undefined,
  work: () => T,
): Promise<T> {
  const begun = Date.now();
  for (let between = 10; ; between = Math.min(2 * between, longestPause)) {
    try {
      return work();
    } catch (thrown) {
      const isLocked = thrown instanceof AtelierError && thrown.code === 'PROJECT_LOCKED';
      if (!isLocked) throw thrown;
      if (signal?.aborted || Date.now() - begun >= waitMilliseconds) throw lockedBy(path, thrown);
    }
    await pause(between, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

function lockedBy(path: string, cause: unknown): AtelierError {
  const holder = holderOfDatabase(path);
  const who = holder ? `${holder.program} (process ${holder.pid})` : 'Another program';
  return new AtelierError(
    'PROJECT_LOCKED',
    `${who} holds the database of the project at ${path} locked. Nothing was changed. Close it there, then try again.`,
    { path, ...(holder ?? {}) },
    { cause },
  );
}
