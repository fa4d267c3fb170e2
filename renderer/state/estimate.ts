/**
 * How long a training will take, judged by an earlier run on this machine: pictures a second, scaled by the
 * multiply-adds of the two networks. A rough figure, shown with "about"; none is shown without such a run.
 */
export interface Measured {
  imagesPerSecond: number;
  multiplyAdds: number;
}

/** Seconds; null where nothing was measured yet. */
export function estimateSeconds(
  plan: { images: number; epochs: number; multiplyAdds: number },
  measured: Measured | null,
): number | null {
  if (!measured || measured.imagesPerSecond <= 0 || measured.multiplyAdds <= 0 || plan.multiplyAdds <= 0)
    return null;
  const imagesPerSecond = measured.imagesPerSecond * (measured.multiplyAdds / plan.multiplyAdds);
  return (plan.images * plan.epochs) / imagesPerSecond;
}
