/** An image as a project has it, and those that are found not to be what was imported, gathered so that all are told at once. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AtelierError, type Json } from '#contract/errors.ts';

/** An item, and where its bytes lie. */
export interface Original {
  id: number;
  /** Name of a storage. */
  storage: string;
  sourceId: number;
  /** Of the source: absolute, or relative to the project. */
  root: string;
  name: string;
  /** In the source's file in packs/, in bytes. */
  position: number;
  length: number;
  width: number;
  height: number;
  /** Hexadecimal, lower case; the first 16 bytes of SHA-256 of the content. */
  hash: string;
  removed: 0 | 1;
}

const named = 5;
const detailed = 100;

/** How an item's content is known. */
export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

export class ChangedOriginals {
  readonly #changed: Original[] = [];
  readonly #missing: Original[] = [];

  constructor(private readonly project: string) {}

  get any(): boolean {
    return this.#changed.length + this.#missing.length > 0;
  }

  add(item: Original, what: 'changed' | 'missing'): null {
    (what === 'changed' ? this.#changed : this.#missing).push(item);
    return null;
  }

  /** @throws ORIGINAL_CHANGED, ORIGINAL_MISSING */
  refuse(): void {
    if (!this.any) return;
    const inOrder = (items: Original[]) => items.sort((a, b) => a.id - b.id);
    const [changed, missing] = [inOrder(this.#changed), inOrder(this.#missing)];
    const all = [...changed, ...missing];
    const told = [
      ...(changed.length > 0 ? [tell(changed, 'other content than when imported', 'has', 'have')] : []),
      ...(missing.length > 0 ? [tell(missing, 'gone from where imported', 'is', 'are')] : []),
    ];
    const sources = [...new Set(all.map(({ sourceId }) => sourceId))];
    throw new AtelierError(
      changed.length > 0 ? 'ORIGINAL_CHANGED' : 'ORIGINAL_MISSING',
      `Expected the originals as they were imported, but ${told.join(', and ')}. ${this.#advice(all, sources)}`,
      {
        changed: changed.length,
        missing: missing.length,
        sources,
        files: [...listed(changed, 'changed'), ...listed(missing, 'missing')].slice(0, detailed),
      },
    );
  }

  #advice(all: Original[], sources: number[]): string {
    if (all.some(({ removed }) => removed)) {
      return 'They were removed from the project, or taken anew, after this was begun, so it cannot go on as it began. Start a new run.';
    }
    const away = this.#missing.find(({ root }) => !existsSync(resolve(this.project, root)));
    if (away) {
      return (
        `The folder ${resolve(this.project, away.root)} is gone: put it back, or relink source ${away.sourceId} to where it is now, ` +
        `in Data under Sources or with \`atelier sources PROJECT relink ${away.sourceId} FOLDER\`.`
      );
    }
    return (
      'Put the files back as they were, or re-scan the source to see what changed and take it over: ' +
      `in Data under Sources, or with \`atelier sources PROJECT rescan ${sources.join(', ')}\`.`
    );
  }
}

function tell(items: Original[], what: string, one: string, many: string): string {
  const names = items.slice(0, named).map(({ name }) => name);
  const rest = items.length > named ? ` and ${items.length - named} more` : '';
  return `${items.length} ${items.length === 1 ? one : many} ${what} (${names.join(', ')}${rest})`;
}

const listed = (items: Original[], fault: string): { [key: string]: Json }[] =>
  items
    .slice(0, detailed)
    .map(({ id, name, sourceId, root }) => ({ item: id, name, source: sourceId, root, fault }));
