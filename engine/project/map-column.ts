/** The map of embeddings in memory, as filters look at it. Its file is map-file.ts, which map is shown jobs/map.ts. */
import { placeOfItem } from '#contract/map-points.ts';
import { withinPolygon } from '#contract/polygon.ts';
import type { MapRegion } from '#contract/project.ts';
import type { KeptMap } from './map-file.ts';

export class MapColumn {
  kept: KeptMap | null = null;

  /** Tells of an item whether its point lies within; of a map that is no more, none does. */
  within({ mapId, polygon }: MapRegion): (itemId: number) => boolean {
    const { kept } = this;
    if (kept?.map.id !== mapId) return () => false;
    const inside = withinPolygon(polygon);
    const { itemIds, coordinates } = kept;
    return (itemId) => {
      const place = placeOfItem(itemIds, itemId);
      return place >= 0 && inside(coordinates[2 * place]!, coordinates[2 * place + 1]!);
    };
  }
}
