/** In which order the images of sheets are decoded, and which of them are told together: what is in sight goes first. */
import type { Tile } from '#contract/sheet.ts';
import type { Decoded } from './bitmap.ts';
import type { Urgency } from './thumbnail-request.ts';

/** Images decoded at a time, by threads of the browser's. */
const atOnce = 8;
/** Images that are worth telling of by themselves: the window draws them while others are decoded. */
const together = 32;

export class DecodeQueue {
  readonly #waiting: Record<Urgency, (() => Promise<void>)[]> = { inSight: [], ahead: [] };
  #busy = 0;

  /** @param decode never rejects */
  constructor(private readonly decode: (tile: Tile) => Promise<Decoded>) {}

  /** @param told some pictures by their items as soon as they are there, the last of the sheet with `last` */
  add(
    tiles: readonly Tile[],
    urgency: Urgency,
    told: (pictures: [id: number, picture: Decoded][], last: boolean) => void,
  ): void {
    if (tiles.length === 0) return told([], true);
    let decoded: [number, Decoded][] = [];
    let left = tiles.length;
    for (const tile of tiles) {
      this.#waiting[urgency].push(async () => {
        const picture = await this.decode(tile);
        decoded.push([tile.id, picture]);
        left -= 1;
        if (left > 0 && decoded.length < together) return;
        told(decoded, left === 0);
        decoded = [];
      });
    }
    this.#go();
  }

  #go(): void {
    while (this.#busy < atOnce) {
      const work = this.#waiting.inSight.shift() ?? this.#waiting.ahead.shift();
      if (!work) return;
      this.#busy += 1;
      void work().finally(() => {
        this.#busy -= 1;
        this.#go();
      });
    }
  }
}
