/**
 * From what a person named to a folder or a file on this machine: a path, a known data set, or an upload.
 */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SourceReference } from '#contract/commands/data.ts';
import { AtelierError } from '#contract/errors.ts';
import { appRoot, cacheFolder } from '../app-root.ts';
import { requireOrdinaryPlace } from '../places.ts';
import { holdsIdx } from './idx/names.ts';

type Named = Extract<SourceReference, { kind: 'named' }>['name'];

/** Places where a known data set may lie, best first. */
export function placesOf(name: Named): string[] {
  switch (name) {
    case 'fashion-mnist':
      return [
        ...(process.env['ATELIER_FASHION_MNIST'] ? [process.env['ATELIER_FASHION_MNIST']] : []),
        join(cacheFolder(), 'fashion-mnist'),
        '/usr/share/datasets/fashion-mnist',
      ];
    case 'fashion-mnist-small':
      return [join(appRoot(), 'resources', 'fashion-mnist-small')];
  }
}

/** @throws SOURCE_NOT_FOUND naming every place that was looked at */
export function locateNamed(name: Named): string {
  const places = placesOf(name);
  const found = places.find((place) => existsSync(place) && statSync(place).isDirectory() && holdsIdx(place));
  if (found) return found;
  throw new AtelierError(
    'SOURCE_NOT_FOUND',
    `Expected the IDX files of ${name} in one of: ${places.join(', ')}. Run \`npm start\`, which fetches them, or set ATELIER_FASHION_MNIST to their folder.`,
    { name, places },
  );
}

/** A folder, or a file whose content says whether it can be a source. @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE for a pipe or a device */
export function locateSource(path: string): string {
  const source = resolve(path);
  requireOrdinaryPlace(source, 'SOURCE_UNREADABLE');
  if (!existsSync(source)) {
    throw new AtelierError(
      'SOURCE_NOT_FOUND',
      `Expected a folder or a file at ${source}, but nothing is there. Check the path.`,
      { path: source },
    );
  }
  const found = statSync(source);
  if (!found.isDirectory() && !found.isFile()) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `Expected a folder or a file, received a pipe or a device at ${source}. Choose the folder that contains the images.`,
      { path: source },
    );
  }
  return source;
}
