/**
 * What the window keeps of each project between its lives, as JSON in the browser's storage: of the projects that were
 * worked on last, a bounded number. What is read is checked, for an earlier version may have written it.
 */
import * as z from 'zod';

type Store = Pick<Storage, 'getItem' | 'setItem'>;
const Entries = z.array(z.tuple([z.string(), z.unknown()]));

export class Kept<T> {
  readonly #limit: number;

  constructor(
    private readonly store: Store,
    private readonly key: string,
    private readonly schema: z.ZodType<T>,
    limit = 12,
  ) {
    this.#limit = limit;
  }

  /** null where nothing was kept, or nothing that is one. */
  read(projectId: string): T | null {
    const found = this.#entries().find(([id]) => id === projectId)?.[1];
    const parsed = this.schema.safeParse(found);
    return parsed.success ? parsed.data : null;
  }

  /** null forgets it. */
  write(projectId: string, value: T | null): void {
    const others = this.#entries().filter(([id]) => id !== projectId);
    const entries = value === null ? others : [[projectId, value], ...others].slice(0, this.#limit);
    try {
      this.store.setItem(this.key, JSON.stringify(entries));
    } catch {
      // The storage is full or switched off: what is being worked on goes on, unkept.
    }
  }

  #entries(): [string, unknown][] {
    try {
      return Entries.parse(JSON.parse(this.store.getItem(this.key) ?? '[]'));
    } catch {
      return [];
    }
  }
}
