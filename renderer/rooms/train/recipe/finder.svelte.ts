/** Which parts of the form are open, and what the search in it shows. What a query finds is left to search.ts. */
import { matches } from '#recipe/find.ts';
import { find, type Found } from './search.ts';
import { type SectionId, sectionIds, type SettingPath } from './settings.ts';

export class Finder {
  #query = $state('');
  #open: ReadonlySet<SectionId> = $state.raw(new Set());
  /** Sections that a person folded while searching. */
  #folded: ReadonlySet<SectionId> = $state.raw(new Set());

  readonly #found: Found | null = $derived(find(this.#query));
  readonly searching = $derived(this.#found !== null);
  readonly sections: readonly SectionId[] = $derived(
    this.#found ? sectionIds.filter((id) => this.#found?.sections.has(id)) : sectionIds,
  );
  readonly count = $derived(this.#found?.hits.size ?? 0);

  get query(): string {
    return this.#query;
  }
  search(query: string): void {
    this.#query = query;
    this.#folded = new Set();
  }

  isOpen(id: SectionId): boolean {
    return this.searching ? !this.#folded.has(id) : this.#open.has(id);
  }
  toggle(id: SectionId): void {
    if (this.searching) this.#folded = toggled(this.#folded, id);
    else this.#open = toggled(this.#open, id);
  }

  shows(path: SettingPath): boolean {
    return this.#found === null || this.#found.shown.has(path);
  }
  isHit(path: SettingPath): boolean {
    return this.#found?.hits.has(path) ?? false;
  }
  /** True where the query names this kind of augmentation, layer or the like. */
  names(names: string): boolean {
    return this.searching && matches(this.#query, names);
  }
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
