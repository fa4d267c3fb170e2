/**
 * A folder of images, one folder per class. Walks it, says for every file what it is taken for or why
 * not, and never writes to it. Decoding is left to images/decode.ts.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetAside } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { couldBeImage } from '../images/formats.ts';
import type { ReadItem } from './source.ts';

export interface FoundImage extends Pick<ReadItem, 'name' | 'className' | 'part'> {
  path: string;
}

export interface FoundFolder {
  images: FoundImage[];
  setAside: SetAside[];
}

const partOf: Record<string, ReadItem['part']> = {
  train: 'pool',
  training: 'pool',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
};
const greatestDepth = 32;
const greatestCount = 1_000_000;

/**
 * The class is the first folder below the root, or below train/, val/ and test/ where those are what
 * the root holds; what lies deeper belongs to the same class.
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE
 */
export async function scanFolder(root: string, signal: AbortSignal): Promise<FoundFolder> {
  const setAside: SetAside[] = [];
  const files: { path: string; steps: string[] }[] = [];

  async function walk(folder: string, steps: string[], above: ReadonlySet<string>): Promise<void> {
    if (signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
    const name = steps.join('/');
    const real = await realpath(folder);
    if (above.has(real)) {
      setAside.push({ path: name, reason: 'A link back to a folder that holds it.' });
      return;
    }
    if (steps.length > greatestDepth) {
      setAside.push({ path: name, reason: `Lies more than ${greatestDepth} folders deep.` });
      return;
    }
    const within = new Set(above).add(real);
    const entries = await readdir(folder, { encoding: 'buffer' });
    const names = entries.sort(Buffer.compare).flatMap((bytes) => {
      const text = bytes.toString('utf8');
      if (Buffer.from(text, 'utf8').equals(bytes)) return [text];
      setAside.push({
        path: [...steps, text].join('/'),
        reason: 'Its name is not valid UTF-8. Rename the file.',
      });
      return [];
    });
    for (const entry of names) {
      if (entry.startsWith('.') || entry === '__MACOSX' || entry === 'Thumbs.db' || entry === 'desktop.ini')
        continue;
      const path = join(folder, entry);
      const here = [...steps, entry];
      try {
        const status = await stat(path);
        if (status.isDirectory()) await walk(path, here, within);
        else if (status.isFile()) files.push({ path, steps: here });
        else setAside.push({ path: here.join('/'), reason: 'Not a regular file.' });
      } catch (thrown) {
        if (thrown instanceof AtelierError) throw thrown;
        const dangling = await lstat(path).then(
          (status) => status.isSymbolicLink(),
          () => false,
        );
        setAside.push({
          path: here.join('/'),
          reason: dangling
            ? 'A link to a file that is not there.'
            : `Cannot be read: ${(thrown as Error).message}`,
        });
      }
      if (files.length > greatestCount) {
        throw new AtelierError(
          'SOURCE_UNREADABLE',
          `Expected a folder of at most ${greatestCount} files, received more. Choose the folder of the data set itself.`,
          { path: root },
        );
      }
    }
  }
  await walk(root, [], new Set());

  const found = files.filter(({ steps }) => {
    const possible = couldBeImage(steps.at(-1)!);
    if (!possible) setAside.push({ path: steps.join('/'), reason: 'Not an image.' });
    return possible;
  });
  const depth = wrapperDepth(found.map(({ steps }) => steps));
  const tops = new Set(found.map(({ steps }) => steps[depth]!).map((top) => top.toLowerCase()));
  const isSplit = [...tops].filter((top) => partOf[top]);
  const bySplit =
    isSplit.some((top) => partOf[top] === 'pool') && isSplit.some((top) => partOf[top] !== 'pool');
  const images = found.flatMap(({ path, steps }): FoundImage[] => {
    const name = steps.join('/');
    const part = bySplit ? partOf[steps[depth]!.toLowerCase()] : 'pool';
    const className = steps[bySplit ? depth + 1 : depth];
    const inClass = steps.length > (bySplit ? depth + 2 : depth + 1);
    if (!part) setAside.push({ path: name, reason: 'Lies beside the train, validation and test folders.' });
    else if (!className || !inClass)
      setAside.push({ path: name, reason: 'Lies in no class folder, so its class is not known.' });
    else return [{ path, name, className, part }];
    return [];
  });
  return { images, setAside };
}

/** How many folders merely wrap the data set: the only folder of the root, with folders in it. */
function wrapperDepth(paths: string[][]): number {
  let depth = 0;
  for (;;) {
    const top = paths[0]?.[depth];
    const wraps =
      top !== undefined &&
      paths.every((steps) => steps[depth] === top && steps.length > depth + 2) &&
      new Set(paths.map((steps) => steps[depth + 1])).size > 1;
    if (!wraps) return depth;
    depth++;
  }
}
