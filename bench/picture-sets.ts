/** The sets of pictures that intake is measured with, as many as people bring, so that starting counts as it does for them; intake-pictures.ts makes them. */
export const pictureSets = {
  photographs: { width: 500, height: 375, images: 1500, label: 'photographs of 500×375' },
  small: { width: 32, height: 32, images: 24_000, label: 'pictures of 32×32' },
} as const;
export type PictureSet = keyof typeof pictureSets;
