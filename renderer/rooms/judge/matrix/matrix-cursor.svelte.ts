/** Where the keyboard and the pointer are in the matrix, and what they have chosen so far. Opening it is left to whom it tells. */
import { type CellRange, isWide, movedPlace, type Place, rangeBetween } from './cursor.ts';

export class MatrixCursor {
  at: Place = $state.raw({ actual: 0, predicted: 0 });
  /** Where a range began; null where one place alone is chosen. */
  #anchor: Place | null = $state.raw(null);
  /** Under the pointer. */
  over: Place | null = $state.raw(null);
  readonly range: CellRange = $derived(rangeBetween(this.#anchor ?? this.at, this.at));
  readonly wide: boolean = $derived(isWide(this.range));
  #dragging = false;

  constructor(private readonly open: (range: CellRange) => void) {}

  /** @param extend to here from where it was */
  goTo(place: Place, extend = false): void {
    this.#anchor = extend ? (this.#anchor ?? this.at) : null;
    this.at = place;
  }

  /** @returns whether the key was one of the matrix */
  keyed(event: KeyboardEvent, side: number): boolean {
    if (event.key === 'Enter' || event.key === ' ') {
      this.open(this.range);
      return true;
    }
    const next = movedPlace(event, this.at, side);
    if (next) this.goTo(next, event.shiftKey);
    return next !== null || event.key.startsWith('Arrow');
  }

  pressed(place: Place, extend: boolean): void {
    this.goTo(place, extend);
    this.#dragging = true;
  }
  draggedTo(place: Place): void {
    if (!this.#dragging || (place.actual === this.at.actual && place.predicted === this.at.predicted)) return;
    // From a header only along headers, from a cell only over cells.
    const began = this.#anchor ?? this.at;
    if (began.actual < 0 !== place.actual < 0 || began.predicted < 0 !== place.predicted < 0) return;
    this.goTo(place, true);
  }
  released(): void {
    if (this.#dragging) this.open(this.range);
    this.#dragging = false;
  }
  /** Forgets what was begun. */
  letGo(): void {
    this.#dragging = false;
  }
}
