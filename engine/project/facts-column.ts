/** Facts of images in memory, as filters look at them. Their file is facts-file.ts. */
import { type ImageFactKey, imageFactKeys, type ImageFactRange } from '#contract/image-facts.ts';
import { placeOfItem } from '#contract/map-points.ts';
import type { KeptFacts } from './facts-file.ts';

export class FactsColumn {
  kept: KeptFacts | null = null;

  /** The fact of an item; NaN where it is not known. */
  valueOf(fact: ImageFactKey): (itemId: number) => number {
    const { kept } = this;
    if (!kept) return () => NaN;
    const { itemIds, values } = kept;
    const from = imageFactKeys.indexOf(fact) * itemIds.length;
    return (itemId) => {
      const place = placeOfItem(itemIds, itemId);
      return place < 0 ? NaN : values[from + place]!;
    };
  }

  /** Tells of an item whether its facts lie in all of these; where a fact is not known, it does not. */
  within(ranges: readonly ImageFactRange[]): (itemId: number) => boolean {
    const { kept } = this;
    if (!kept) return () => false;
    const { itemIds, values } = kept;
    const asked = ranges.map(({ fact, least = -Infinity, below = Infinity }) => ({
      from: imageFactKeys.indexOf(fact) * itemIds.length,
      least,
      below,
    }));
    return (itemId) => {
      const place = placeOfItem(itemIds, itemId);
      return (
        place >= 0 &&
        asked.every(({ from, least, below }) => {
          const value = values[from + place]!;
          return value >= least && value < below;
        })
      );
    };
  }
}
