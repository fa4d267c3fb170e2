/** SHA-256 of files, streamed. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { SetupError } from './say.mjs';

/** @returns {Promise<string>} lower-case hexadecimal */
export async function sha256(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** Throws unless the digest is the expected one. */
export function checkDigest(name, expected, received) {
  if (expected === received) return;
  throw new SetupError(
    `${name} is not the file that was expected (SHA-256 ${expected}, received ${received}); it was not used and has been deleted, so run the command again, from another network if it repeats.`,
  );
}

/** A file whose digest nobody recorded is refused unless the person says otherwise. */
export function refuseUnverified(name) {
  if (process.env.ATELIER_ACCEPT_UNVERIFIED === '1' || process.argv.includes('--accept-unverified')) return;
  throw new SetupError(
    `${name} could be fetched, but its SHA-256 is not recorded, so it cannot be verified; run again with --accept-unverified (or ATELIER_ACCEPT_UNVERIFIED=1) to take it as it comes, or point ATELIER_TENSORFLOW at a libtensorflow of your own.`,
  );
}
