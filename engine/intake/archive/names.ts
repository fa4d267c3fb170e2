/** Names within archives: UTF-8 where they are, else the code page of MS-DOS, which zip names had before it. */
import yauzl from 'yauzl';

/**
 * @param extraFields of a zip's entry, which may hold the name in UTF-8 besides
 * @returns the text, and whether its encoding had to be assumed
 */
export function decodeName(
  bytes: Buffer,
  extraFields: yauzl.ExtraField[] = [],
): { name: string; assumed: boolean } {
  try {
    return { name: new TextDecoder('utf-8', { fatal: true }).decode(bytes), assumed: false };
  } catch {
    return { name: yauzl.getFileNameLowLevel(0, bytes, extraFields, true), assumed: true };
  }
}
