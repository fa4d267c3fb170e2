/**
 * In which order a confusion matrix shows its classes: so that what matters stands first, or what is taken for one another
 * side by side.
 */

export const classOrders = ['project', 'name', 'errors', 'support', 'confusion'] as const;
export type ClassOrder = (typeof classOrders)[number];

export const classOrderLabels: Record<ClassOrder, string> = {
  project: 'As in the project',
  name: 'By name',
  errors: 'By errors',
  support: 'By images',
  confusion: 'By confusion',
};

/**
 * @param confusion confusion[actual][predicted], counts, square
 * @returns places in the matrix, each once. `errors` counts images of the class that were predicted as another; `confusion`
 *   is `clustered`.
 */
export function orderOfClasses(
  confusion: readonly (readonly number[])[],
  names: readonly string[],
  by: ClassOrder,
): number[] {
  const places = confusion.map((_, place) => place);
  const support = confusion.map((row) => row.reduce((sum, value) => sum + value, 0));
  const descending = (values: readonly number[]) => places.sort((a, b) => values[b]! - values[a]! || a - b);
  switch (by) {
    case 'project':
      return places;
    case 'name':
      return places.sort((a, b) => names[a]!.localeCompare(names[b]!, 'en', { numeric: true }) || a - b);
    case 'errors':
      return descending(support.map((images, place) => images - confusion[place]![place]!));
    case 'support':
      return descending(support);
    case 'confusion':
      return clustered(confusion, support);
    default:
      return by satisfies never;
  }
}

interface Cluster {
  /** In the order in which they will stand. */
  members: number[];
  /** Share of images that members confuse with one another, summed over pairs. */
  inside: number;
}

/**
 * Agglomerative clustering with average linkage (UPGMA) by nearest-neighbour chains (Murtagh 1983): two classes are as alike as
 * the shares of their images that are taken for the other. Where two clusters meet, each is turned so that the
 * most alike of their ends touch. Clusters that nothing confuses stay apart, the most confused first. O(n²).
 */
function clustered(confusion: readonly (readonly number[])[], support: readonly number[]): number[] {
  const side = confusion.length;
  const share = (actual: number, predicted: number) =>
    support[actual] === 0 ? 0 : confusion[actual]![predicted]! / support[actual]!;
  const alike = (a: number, b: number) => share(a, b) + share(b, a);
  // [side, side], of clusters by the place of one of their members, 0 to themselves.
  const between = new Float64Array(side * side);
  for (let a = 0; a < side; a += 1)
    for (let b = 0; b < a; b += 1) between[a * side + b] = between[b * side + a] = alike(a, b);

  const clusters: Cluster[] = confusion.map((_, place) => ({ members: [place], inside: 0 }));
  const left = confusion.map((_, place) => place);
  const gone = (cluster: number) => left.splice(left.indexOf(cluster), 1);
  const apart: Cluster[] = [];
  const chain: number[] = [];
  while (left.length > 0) {
    if (chain.length === 0) chain.push(left[0]!);
    const last = chain.at(-1)!;
    const before = chain.at(-2);
    // Where equal, the one before: a chain must end.
    let nearest = before;
    let most = before === undefined ? 0 : between[last * side + before]!;
    for (const other of left) {
      if (between[last * side + other]! <= most) continue;
      nearest = other;
      most = between[last * side + other]!;
    }
    if (nearest === undefined) {
      apart.push(clusters[last]!);
      gone(last);
      chain.length = 0;
    } else if (nearest !== before) chain.push(nearest);
    else {
      chain.length -= 2;
      merge(last, nearest);
    }
  }
  const first = ({ members }: Cluster) => Math.min(...members);
  return apart
    .sort((a, b) => b.inside - a.inside || first(a) - first(b))
    .flatMap(({ members }) => (members[0]! > members.at(-1)! ? members.reverse() : members));

  /** Into the first; the second is gone. */
  function merge(one: number, other: number): void {
    const [a, b] = [clusters[one]!, clusters[other]!];
    const [sizeA, sizeB] = [a.members.length, b.members.length];
    const pairs = between[one * side + other]! * sizeA * sizeB;
    gone(other);
    for (const third of left) {
      if (third === one) continue;
      const mean =
        (sizeA * between[one * side + third]! + sizeB * between[other * side + third]!) / (sizeA + sizeB);
      between[one * side + third] = between[third * side + one] = mean;
    }
    clusters[one] = { members: joined(a.members, b.members), inside: a.inside + b.inside + pairs };
  }

  function joined(a: number[], b: number[]): number[] {
    const [startA, endA, startB, endB] = [a[0]!, a.at(-1)!, b[0]!, b.at(-1)!];
    const ways: [number, () => number[]][] = [
      [alike(endA, startB), () => [...a, ...b]],
      [alike(endA, endB), () => [...a, ...b.reverse()]],
      [alike(startA, startB), () => [...a.reverse(), ...b]],
      [alike(startA, endB), () => [...b, ...a]],
    ];
    return ways.reduce((best, way) => (way[0] > best[0] ? way : best))[1]();
  }
}
