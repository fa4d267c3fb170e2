/** The importers there are. To add one: write an `Importer` (importer.ts) and put it on this list; docs/extend has a guide. */
import { cifarImporter } from './cifar/cifar.ts';
import { folderImporter } from './folder/folder.ts';
import { idxImporter } from './idx/idx.ts';
import type { Importer } from './importer.ts';
import { numpyImporter } from './numpy/numpy.ts';
import { tableImporter } from './table/table.ts';

/** The first that detects its own reads the source; folders take what is left. */
export const importers: readonly Importer[] = [
  idxImporter,
  numpyImporter,
  cifarImporter,
  tableImporter,
  folderImporter,
];

/** What people may ask for by name, and what they call it; what is usual first. */
export const layouts = [...importers]
  .reverse()
  .flatMap((importer) => Object.entries(importer.layouts).map(([name, label]) => ({ name, label })));
