/** A shallow classification tree (CART; Breiman et al. 1984, Gini impurity): how much a few numbers tell of a class. Pure. */

export interface Node {
  /** Its answer: the commonest class, of those that came here. */
  label: number;
  /** How many of those that came here are of that class, 0 to 1. */
  share: number;
  split: { column: number; at: number; below: Node; above: Node } | null;
}

export interface TreeOptions {
  depth: number;
  /** Images of a leaf. */
  least: number;
}

/** Places of all rows by the value of each column, lowest first: sorted once, whatever labels and folds are tried. NaN comes first. */
export function sortColumns(columns: readonly Float64Array[]): Int32Array[] {
  return columns.map((column) => {
    const known = (place: number) => (Number.isNaN(column[place]!) ? -Infinity : column[place]!);
    return Int32Array.from({ length: column.length }, (_, place) => place).sort((a, b) => {
      const [left, right] = [known(a), known(b)];
      return left < right ? -1 : left > right ? 1 : a - b;
    });
  });
}

/**
 * @param columns of numbers, all of one length
 * @param orders of sortColumns, of the rows to learn from only
 */
export function growTree(
  columns: readonly Float64Array[],
  orders: readonly Int32Array[],
  labels: Int32Array,
  classes: number,
  { depth, least }: TreeOptions,
): Node {
  const rows = orders[0]!;
  const counts = new Float64Array(classes);
  for (const row of rows) counts[labels[row]!]!++;
  let label = 0;
  for (let index = 1; index < classes; index++) if (counts[index]! > counts[label]!) label = index;
  const share = counts[label]! / Math.max(1, rows.length);
  const leaf: Node = { label, share, split: null };
  if (depth === 0 || rows.length < 2 * least || counts[label] === rows.length) return leaf;

  const total = counts.reduce((sum, count) => sum + count * count, 0);
  // Squares of counts through sizes, of both sides: largest where Gini's impurity is least.
  let best = { gain: total / rows.length + 1e-9, column: -1, at: 0 };
  const below = new Float64Array(classes);
  columns.forEach((column, index) => {
    const order = orders[index]!;
    below.fill(0);
    let [squaresBelow, squaresAbove] = [0, total];
    for (let at = 0; at < order.length - least; at++) {
      const row = order[at]!;
      const own = labels[row]!;
      squaresBelow += 2 * below[own]! + 1;
      squaresAbove -= 2 * (counts[own]! - below[own]!) - 1;
      below[own]!++;
      const [value, next] = [column[row]!, column[order[at + 1]!]!];
      if (at + 1 < least || value === next || Number.isNaN(next)) continue;
      const gain = squaresBelow / (at + 1) + squaresAbove / (order.length - at - 1);
      if (gain <= best.gain) continue;
      best = { gain, column: index, at: Number.isNaN(value) ? -Infinity : middleOf(value, next) };
    }
  });
  if (best.column < 0) return leaf;
  const column = columns[best.column]!;
  const isBelow = (row: number) => !(column[row]! > best.at);
  const grow = (wanted: boolean) => {
    const kept = orders.map((order) => order.filter((row) => isBelow(row) === wanted));
    return growTree(columns, kept, labels, classes, { depth: depth - 1, least });
  };
  return { label, share, split: { column: best.column, at: best.at, below: grow(true), above: grow(false) } };
}

/** Between two values, and below the greater one whatever rounding does. */
function middleOf(value: number, next: number): number {
  const middle = value + (next - value) / 2;
  return middle < next ? middle : value;
}

export const classify = (tree: Node, columns: readonly Float64Array[], row: number): number =>
  leafOf(tree, columns, row).label;

/** Where a row ends. */
export function leafOf(tree: Node, columns: readonly Float64Array[], row: number): Node {
  let node = tree;
  while (node.split) {
    const { column, at, below, above } = node.split;
    node = columns[column]![row]! > at ? above : below;
  }
  return node;
}
