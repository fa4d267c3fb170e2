/** Fetches a file over HTTP(S) in a resumable way: the part that arrived stays as NAME.part and is gone on with. */
import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkDigest, sha256 } from './digest.mjs';
import { SetupError, transferText } from './say.mjs';

const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function request(url, from, redirects = 5) {
  return new Promise((resolve, reject) => {
    const headers = from > 0 ? { range: `bytes=${from}-` } : {};
    const call = (isSafe(url) ? getHttps : getHttp)(url, { headers, timeout: 20_000 }, (response) => {
      const { statusCode = 0, headers: received } = response;
      if (statusCode < 300 || statusCode >= 400 || !received.location) return resolve(response);
      response.resume();
      try {
        if (redirects === 0) throw new Error('the server sends on and on');
        resolve(request(nextAddress(url, received.location), from, redirects - 1));
      } catch (error) {
        reject(error);
      }
    });
    call.on('timeout', () => call.destroy(new Error('no answer for 20 s')));
    call.on('error', reject);
  });
}

const isSafe = (url) => new URL(url).protocol === 'https:';

/** Where a redirect leads. @throws where it leaves HTTPS, or HTTP altogether */
function nextAddress(url, location) {
  const next = new URL(location, url);
  if (next.protocol === 'https:' || (next.protocol === 'http:' && !isSafe(url))) return next.href;
  throw new Error(`the server sends on from HTTPS to ${next.protocol}//${next.host}, which is not followed`);
}

/**
 * Fetches `url` to `path`; what is there under that name afterwards has the digest.
 * @param {string | null} expected SHA-256, or null where the caller has settled that none is known
 * @throws {SetupError} when it cannot be had or is another file
 */
export async function download(url, path, expected, progress = () => {}) {
  if (!expected && !isSafe(url))
    throw new SetupError(
      `${basename(path)} is not fetched from ${new URL(url).host} without encryption, as no digest of it is known; it could be anything.`,
    );
  const part = `${path}.part`;
  const begun = Date.now();
  const before = sizeOf(part);
  try {
    const response = await request(url, before);
    const goesOn = response.statusCode === 206;
    // 416: everything had arrived already.
    if (response.statusCode === 416) response.resume();
    else if (response.statusCode === 200 || goesOn) {
      let done = goesOn ? before : 0;
      const total = done + Number(response.headers['content-length'] ?? 0);
      response.on('data', (chunk) =>
        progress(transferText((done += chunk.length), total, begun, goesOn ? before : 0)),
      );
      await pipeline(response, createWriteStream(part, { flags: goesOn ? 'a' : 'w' }));
    } else {
      response.resume();
      throw new Error(`the server answered ${response.statusCode}`);
    }
  } catch (error) {
    throw new SetupError(
      `${basename(path)} could not be fetched from ${new URL(url).host} (${error.message}); check the network and run the command again, it goes on where it stopped.`,
    );
  }
  if (expected) {
    try {
      checkDigest(basename(path), expected, await sha256(part));
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
  }
  renameSync(part, path);
}
