/**
 * How strong a cell of the matrix is tinted, from 0 to 1. Small shares are lifted so that mistakes are seen;
 * between one half and four fifths nothing lies, as neither light nor dark words could be read there.
 */
export function shade(share: number): { tint: number; strong: boolean } {
  const lifted = Math.min(1, Math.max(0, share)) ** 0.6;
  if (lifted < 0.72) return { tint: lifted * 0.7, strong: false };
  return { tint: 0.82 + ((lifted - 0.72) / 0.28) * 0.18, strong: true };
}
