/** For tests only: a studio's temporary folder below the first argument, with an upload in it, until it is killed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporary } from './temporary.ts';
import { Uploads } from './uploads.ts';

void (async () => {
  const temporary = makeTemporary(process.argv[2]);
  await temporary.swept;
  const uploads = join(temporary.path, 'uploads');
  mkdirSync(uploads);
  await new Uploads(uploads).add(null, 'set/a/1.png', new Uint8Array([1, 2, 3]));
  process.stdout.write(`${temporary.path}\n`);
  setInterval(() => undefined, 1000);
})();
