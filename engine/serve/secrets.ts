/** Secrets of the served studio: how they are made and compared. Who holds which is left to access.ts and admin.ts. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits, as text for an address, a cookie or a header. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Compares in constant time, whatever the lengths. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** What only somebody who has the secret can say of these words. */
export const proofOf = (secret: string, ...words: readonly string[]): string =>
  createHmac('sha256', secret).update(JSON.stringify(words)).digest('base64url');
