/** Cursor and selection of a grid, by place in the list. Works as in a file manager: Shift extends, Ctrl toggles. */
const none: ReadonlySet<number> = new Set();

export class Selection {
  cursor = $state(0);
  indices: ReadonlySet<number> = $state.raw(none);
  #anchor = 0;
  /** What was selected before the range that Shift is drawing. */
  #base: ReadonlySet<number> = none;

  has(index: number): boolean {
    return this.indices.has(index);
  }

  /** Goes there; nothing but the cursor is selected then. */
  move(index: number): void {
    this.cursor = index;
    this.#anchor = index;
    this.#base = none;
    this.indices = none;
  }

  toggle(index: number): void {
    const next = new Set(this.indices);
    if (!next.delete(index)) next.add(index);
    this.cursor = index;
    this.#anchor = index;
    this.#base = next;
    this.indices = next;
  }

  extend(index: number): void {
    const next = new Set(this.#base);
    for (let at = Math.min(this.#anchor, index); at <= Math.max(this.#anchor, index); at += 1) next.add(at);
    this.cursor = index;
    this.indices = next;
  }

  all(count: number): void {
    this.indices = new Set(Array.from({ length: count }, (_, index) => index));
  }

  /** Selects those of `count` that are not selected; where none is, all. */
  invert(count: number): void {
    const { indices } = this;
    this.indices = new Set(
      Array.from({ length: count }, (_, index) => index).filter((index) => !indices.has(index)),
    );
  }

  /** What it is now, to be put back. */
  snapshot(): () => void {
    const { cursor, indices } = this;
    const [anchor, base] = [this.#anchor, this.#base];
    return () => {
      this.cursor = cursor;
      this.indices = indices;
      this.#anchor = anchor;
      this.#base = base;
    };
  }

  clear(): void {
    this.indices = none;
    this.#base = none;
    this.#anchor = this.cursor;
  }

  /** The selected places in order; the cursor's where nothing is selected. */
  targets(): number[] {
    return this.indices.size > 0 ? [...this.indices].sort((a, b) => a - b) : [this.cursor];
  }
}
