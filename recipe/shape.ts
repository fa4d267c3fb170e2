/** Numbers in a tensor of this shape: [] is a scalar, with one. Loads nothing native. */
export const product = (shape: readonly number[]): number => shape.reduce((total, side) => total * side, 1);
