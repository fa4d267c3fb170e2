/** Names and sizes of the entries of a zip file. */
import { open } from 'yauzl';

export function entriesOf(path: string): Promise<Map<string, number>> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: false }, (error, file) => {
      if (error) return reject(error);
      const entries = new Map<string, number>();
      file.on('entry', ({ fileName, uncompressedSize }) => entries.set(fileName, uncompressedSize));
      file.on('end', () => resolve(entries));
      file.on('error', reject);
    });
  });
}
