/** The least tint on which words are light. */
export const strongest = 0.82;

/**
 * How strong a cell of the matrix is tinted, from 0 to 1. Small shares are lifted so that mistakes are seen;
 * between one half and four fifths nothing lies, as neither light nor dark words could be read there.
 */
export function shade(share: number): number {
  const lifted = Math.min(1, Math.max(0, share)) ** 0.6;
  return lifted < 0.72 ? lifted * 0.7 : strongest + ((lifted - 0.72) / 0.28) * (1 - strongest);
}
