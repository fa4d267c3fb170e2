/**
 * The importer of folders of images. Which files may be images is candidates.ts, what the folders mean is layout.ts,
 * decoding is images/read/read-files.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import type { SkippedFile } from '#contract/project.ts';
import { readFiles } from '../../images/read/read-files.ts';
import { reasonAgainst } from '../candidates.ts';
import { inferLayout } from './layout.ts';
import type { FileScan, Importer, ListedFile } from '../importer.ts';

/** On other systems a backslash is a letter of a name. */
const separators = process.platform === 'win32' ? /[\\/]/ : '/';

export const folderImporter: Importer<FileScan> = {
  layouts: {
    class: 'A folder per class',
    'part-class': 'Parts, then classes',
    'class-part': 'Classes, then parts',
    'one-class': 'All of one class',
    unlabelled: 'All unlabelled',
  },
  /** What no other importer reads. */
  detect: async () => true,
  async scan({ files, skipped }, { location, options, signal }) {
    const candidates: ListedFile[] = [];
    const others: SkippedFile[] = [];
    for (const file of files) {
      if (signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
      const reason = await reasonAgainst(file);
      if (reason === null) candidates.push(file);
      else others.push({ path: file.name, reason });
    }
    const inferred = inferLayout(
      {
        images: candidates.map(({ name }) => name),
        others: others.map(({ path }) => path),
        chosen: location.split(separators).filter(Boolean),
      },
      options,
    );
    const images = inferred.images.map(({ index, className, part }) => {
      const { path, name } = candidates[index]!;
      return { path, name, className, part };
    });
    return {
      layout: inferred.layout,
      asks: {
        classLevel: true,
        ...(inferred.layout !== 'unlabelled' &&
          inferred.layout !== 'one-class' && { withoutClass: 'skip' as const }),
      },
      statement: inferred.statement,
      classes: inferred.classes,
      unlabelled: inferred.unlabelled,
      images,
      // What was meant to be an image comes before what never was one.
      skipped: [...inferred.skipped, ...others, ...skipped],
      warnings: inferred.warnings,
      options: inferred.options,
    };
  },
  read: readFiles,
};
