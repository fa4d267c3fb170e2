/** What a recipe is chosen by: a project's images, as far as they have been looked at. Pure. */
import type { PublishedBackbone } from './backbone-name.ts';

export interface ProjectFacts {
  /** Training images of all classes that a network answers with. */
  images: number;
  /** Of each such class. */
  classCounts: readonly number[];
  /** Median sides of the images in pixels. */
  width: number;
  height: number;
  /** Whether images have colours: grey ones may be stored as RGB. */
  colour: boolean;
  /** Published backbones that are on this machine. */
  backbones: readonly PublishedBackbone[];
}

/** Smaller pictures lose more by being enlarged to a backbone's size than its features bring. */
export const leastForBackbone = 64;

/** The images that the three networks from scratch were made for. */
export const fashionMnist: ProjectFacts = {
  images: 48_000,
  classCounts: Array.from({ length: 10 }, () => 4_800),
  width: 28,
  height: 28,
  colour: false,
  backbones: [],
};

/** Networks from scratch are small: a larger input costs time and brings little. */
const largestScratch = 64;
const smallestScratch = 16;

/** Side and channels for a network from scratch: the images' own size where that is small, in steps of 4 for its pools. */
export function scratchInput({ width, height, colour }: ProjectFacts): { side: number; channels: 1 | 3 } {
  const side = Math.max(smallestScratch, Math.min(largestScratch, Math.max(width, height)));
  return { side: Math.round(side / 4) * 4, channels: colour ? 3 : 1 };
}

/** Images of the largest class to those of the smallest. */
export const imbalance = ({ classCounts }: ProjectFacts): number =>
  Math.max(...classCounts) / Math.max(1, Math.min(...classCounts));
