/** The pairs of classes that are taken for one another most often. */

export interface Confusion {
  /** Places in the matrix. */
  actual: number;
  predicted: number;
  images: number;
}

/**
 * One pass, without an object for each cell: a thousand classes have a million.
 * @param confusion confusion[actual][predicted], counts, square
 * @returns at most `limit` cells beside the diagonal that are not 0, most images first, and where equal in the order of rows
 */
export function topConfusions(confusion: readonly ArrayLike<number>[], limit: number): Confusion[] {
  const found: Confusion[] = [];
  confusion.forEach((row, actual) => {
    for (let predicted = 0; predicted < row.length; predicted += 1) {
      const images = row[predicted]!;
      if (images === 0 || predicted === actual) continue;
      if (found.length === limit && images <= (found.at(-1)?.images ?? Infinity)) continue;
      let place = found.length;
      while (place > 0 && found[place - 1]!.images < images) place -= 1;
      found.splice(place, 0, { actual, predicted, images });
      if (found.length > limit) found.pop();
    }
  });
  return found;
}
