/** Which files of a source may be images: by name here; that they are is found when they are decoded. */
import type { ListedFile } from './source.ts';

const extensions = new Set(['.jpg', '.jpeg', '.jfif', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']);
const notYet = new Set(['.svg', '.bmp', '.heic', '.heif', '.ico', '.psd', '.raw']);

/** Why a file cannot be an image that Atelier takes; null where it may be one. */
export async function reasonAgainst({ name }: Pick<ListedFile, 'name' | 'path'>): Promise<string | null> {
  const extension = /\.[^./\\]*$/.exec(name)?.[0].toLowerCase() ?? '';
  if (extensions.has(extension)) return null;
  if (notYet.has(extension)) return `Images of type ${extension} are not supported. Save it as PNG or JPEG.`;
  return 'Not an image.';
}
