/** One room's view on the items: what is filtered, what is selected, how large the cells are, what is open. */
import type { StudioEvent } from '#contract/events.ts';
import type { Item, ItemFilter, Project, Split } from '#contract/project.ts';
import { ItemWindow } from './items.svelte.ts';
import { Selection } from './selection.svelte.ts';
import type { Studio } from './studio.svelte.ts';

export const cellSizes = { smallest: 40, largest: 200 } as const;

export class ImageBrowser {
  readonly items: ItemWindow;
  readonly selection = new Selection();
  /** Side of a cell in pixels. */
  size = $state(80);
  /** Pixels from the top of the list, kept while another room is shown. */
  scrollTop = 0;
  /** True while one image is shown large. */
  large = $state(false);
  filter: ItemFilter = $state.raw({});

  readonly current: Item | undefined = $derived.by(() => this.items.at(this.selection.cursor));
  readonly #key: string;
  readonly #shown = $state({ yet: false });

  constructor(studio: Studio, name: string, size = 80) {
    this.items = new ItemWindow(
      (filter, offset, limit) => studio.call((client) => client.items.list({ filter, offset, limit })),
      (before, after, offset) => this.#follow(before, after, offset),
    );
    this.#key = `atelier.cells.${name}`;
    this.size = Number(localStorage.getItem(this.#key)) || size;
  }

  get shown(): boolean {
    return this.#shown.yet;
  }

  show(filter: ItemFilter): Promise<void> {
    this.filter = filter;
    this.#shown.yet = true;
    this.scrollTop = 0;
    this.large = false;
    this.selection.move(0);
    return this.items.show(filter);
  }

  /** Reads the list when the room is first entered. */
  open(): void {
    if (!this.shown) void this.show(this.filter);
  }

  /** After a new connection: something may have changed meanwhile. */
  read(): void {
    if (this.shown) void this.items.refresh();
  }

  /** Another project. */
  reset(): void {
    this.filter = {};
    this.large = false;
    if (this.shown) void this.show({});
  }

  /** Shows the current image large: it alone is then chosen, as the rest of a selection is out of sight. */
  enlarge(): void {
    this.selection.move(this.selection.cursor);
    this.large = true;
  }

  resize(size: number): void {
    this.size = size;
    localStorage.setItem(this.#key, String(size));
  }

  /** null stands for unlabelled images. */
  toggleClass(classId: number | null): void {
    const chosen = new Set(this.filter.classIds ?? []);
    if (!chosen.delete(classId)) chosen.add(classId);
    void this.show({ ...this.filter, classIds: chosen.size > 0 ? [...chosen] : undefined });
  }

  /** An excluded image is in no part. */
  onlySplit(split: Split | null): void {
    const excluded = split ? undefined : this.filter.excluded;
    void this.show({ ...this.filter, splits: split ? [split] : undefined, excluded });
  }

  /** Shows excluded images only, of all parts, or no longer. */
  onlyExcluded(only: boolean): void {
    const splits = only ? undefined : this.filter.splits;
    void this.show({ ...this.filter, splits, excluded: only || undefined });
  }

  /** Steps to the next or previous image, as far as there is one. */
  step(by: number): void {
    const next = this.selection.cursor + by;
    if (next >= 0 && next < (this.items.total ?? 0)) {
      this.selection.move(next);
      this.items.want(next - 20, next + 20);
    }
  }

  receive(event: StudioEvent): void {
    if (!this.shown) return;
    if (event.event === 'items.changed') {
      // A selection is by place: images may have left a narrowed list, and others taken their places.
      if (this.#narrowed() !== null) this.selection.clear();
      void this.refresh();
    }
    if (event.event === 'project.changed' && event.project) this.#keepClasses(event.project);
    // What was taken for what is another list now.
    if (event.event === 'evaluation.finished') {
      const { runId, split, tta } = event.evaluation;
      // With test-time augmentation the cells of the matrix stay what they are.
      if (tta !== 'none') return;
      const { cells, byLoss, compared, sort } = this.filter;
      const isOf = (one: { runId: string; split: Split } | undefined) =>
        one?.runId === runId && one.split === split;
      const isSorted = sort?.by === 'loss' || sort?.by === 'probability';
      if (isSorted || isOf(cells) || isOf(byLoss) || isOf(compared)) void this.show(this.filter);
    }
    // An import that goes on: the list grows.
    if (event.event === 'project.changed' && event.project && this.#narrowed() === null) {
      if (this.items.total !== null && this.items.total !== event.project.counts.total)
        void this.items.refresh();
    }
  }

  /** Reads the list again after a change; the cursor stays within one that became shorter. */
  async refresh(): Promise<void> {
    await this.items.refresh();
    const last = Math.max(0, (this.items.total ?? 1) - 1);
    if (this.items.total !== null && this.selection.cursor > last) this.selection.move(last);
  }

  /** A class that is gone can be asked for no more. */
  #keepClasses({ classes }: Project): void {
    const { classIds } = this.filter;
    const kept = classIds?.filter((id) => id === null || classes.some((one) => one.id === id));
    if (classIds && kept && kept.length < classIds.length)
      void this.show({ ...this.filter, classIds: kept.length > 0 ? kept : undefined });
  }

  /** Images before the cursor's may have left the list, or come back to it: the cursor stays with its image. */
  #follow(before: readonly Item[], after: readonly Item[], offset: number): void {
    const { cursor, indices } = this.selection;
    const id = before[cursor - offset]?.id;
    // A selection by hand is by place, and is let go of where places change.
    if (id === undefined || indices.size > 0 || after[cursor - offset]?.id === id) return;
    const place = after.findIndex((item) => item.id === id);
    if (place >= 0) this.selection.move(offset + place);
  }

  #narrowed(): ItemFilter | null {
    return Object.values(this.filter).some((value) => value !== undefined) ? this.filter : null;
  }
}
