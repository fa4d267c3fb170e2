/**
 * Which pairs of IDX files an import takes: those of one data set, each part once. Where a folder holds several data
 * sets, or half of a pair, it says so and takes none.
 */
import { AtelierError } from '#contract/errors.ts';
import type { ImportOptions } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import { unreadableIdx } from './file.ts';
import { type FoundIdx, idxNameOf, type IdxPair } from './names.ts';

interface IdxChoice {
  pairs: IdxPair[];
  doubled: FoundIdx['doubled'];
  skipped: SkippedFile[];
}

const orderOf = { pool: 0, train: 0, validation: 1, test: 2 };

/**
 * @param chosen name of the file that was chosen; null for a folder
 * @throws SOURCE_UNREADABLE
 */
export function choosePairs(found: FoundIdx, options: ImportOptions, chosen: string | null): IdxChoice {
  const only = chosen === null ? null : (idxNameOf(chosen)?.set ?? null);
  const ofSet = (name: string) => only === null || idxNameOf(name.split('/').at(-1)!)?.set === only;
  // Beside a file that was chosen, only its own folder counts.
  const here = (name: string) => chosen === null || !name.includes('/');
  const pairs = found.pairs.filter(({ set, images }) => (only === null || set === only) && here(images.name));
  const [half] = found.lonely.filter(({ file }) => ofSet(file.name) && here(file.name));
  if (half) {
    const other = half.what === 'images' ? 'labels' : 'images';
    throw unreadableIdx(
      half.file.name,
      `Expected the ${other} that belong to these ${half.what} (such as ${otherName(half.file.name, other)}), found none. Put both into the folder.`,
    );
  }
  if (pairs.length === 0) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      'Expected IDX files with names such as train-images-idx3-ubyte and train-labels-idx1-ubyte, found none. Rename them, or choose their folder.',
    );
  }
  const twice = pairs.find(
    (pair, at) => pairs.findIndex(({ set, part }) => set === pair.set && part === pair.part) !== at,
  );
  const sets = [...new Set(pairs.map(({ set }) => set))];
  if (twice || sets.length > 1) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `Expected one data set of IDX files, found several: ${pairs
        .slice(0, 8)
        .map(({ images }) => images.name)
        .join(
          ', ',
        )}${pairs.length > 8 ? ' …' : ''}. Choose one of these files, or a folder that holds one data set.`,
      { files: pairs.slice(0, 100).map(({ images }) => images.name) },
    );
  }
  const taken: IdxPair[] = [];
  const skipped: SkippedFile[] = [];
  for (const pair of pairs) {
    const said = pair.partWord === null ? undefined : partSaid(options, pair.partWord);
    if (said === 'skip') {
      for (const { name } of [pair.images, pair.labels])
        skipped.push({ path: name, reason: `Its part ${pair.partWord} is left out.` });
    } else if (said === 'class' || said === 'unlabelled') {
      throw new AtelierError(
        'USAGE',
        `Expected a part or "skip" for ${pair.partWord}, received "${said}". IDX files name their classes by labels.`,
      );
    } else taken.push({ ...pair, part: options.part ?? said ?? pair.part });
  }
  if (taken.length === 0)
    throw new AtelierError(
      'SOURCE_EMPTY',
      'Expected IDX files to import, but all are left out by the options.',
    );
  // Training first, as the files' own numbering has it.
  taken.sort((a, b) => orderOf[a.part] - orderOf[b.part] || (a.images.name < b.images.name ? -1 : 1));
  return {
    pairs: taken,
    doubled: found.doubled.filter(({ used }) => ofSet(used.name) && here(used.name)),
    skipped,
  };
}

function partSaid(options: ImportOptions, word: string) {
  const [, said] = Object.entries(options.parts ?? {}).find(([name]) => name.toLowerCase() === word) ?? [];
  return said;
}

/** The name that the other half usually has. */
function otherName(name: string, other: 'images' | 'labels'): string {
  return other === 'labels'
    ? name.replace(/images/i, 'labels').replace(/idx3/i, 'idx1')
    : name.replace(/labels/i, 'images').replace(/idx[12]/i, 'idx3');
}
