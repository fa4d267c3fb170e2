/**
 * Which files of a source may be images. A name settles most; where it says nothing, the content is looked at. That
 * they really are images is found when they are decoded.
 */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { looksLikeImage } from '#contract/image-formats.ts';
import { couldBeImage, isRead, sniff, sniffedBytes, whyNotRead } from '../images/decode/formats.ts';
import type { ListedFile } from './importer.ts';

const notAnImage = 'Not an image.';

/** Why a file cannot be an image that Atelier takes; null where it may be one, or cannot be looked at now. */
export async function reasonAgainst({
  name,
  path,
}: Pick<ListedFile, 'name' | 'path'>): Promise<string | null> {
  if (!couldBeImage(basename(name))) return notAnImage;
  if (looksLikeImage(name)) return null;
  const file = await open(path, 'r').catch(() => null);
  if (!file) return null;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    const content = sniff(buffer.subarray(0, bytesRead), name);
    return isRead(content) ? null : whyNotRead(content);
  } finally {
    await file.close();
  }
}
