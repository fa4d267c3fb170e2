/** A download that began under HTTPS stays there: the server is a real one, only its encryption is taken for granted. */
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { download } from './download.mjs';

// A certificate cannot be made here: addresses under https: are asked for as http: of the same server.
vi.mock('node:https', async () => {
  const { get } = await import('node:http');
  return { get: (url, ...rest) => get(url.replace('https:', 'http:'), ...rest) };
});

const folder = mkdtempSync(join(tmpdir(), 'atelier-redirect-'));
const asked = [];
let server;
let host;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url);
    const to = {
      '/down': `http://${host}/file`,
      '/file-url': 'file:///etc/hostname',
      '/up': `https://${host}/ok`,
    };
    const location = to[request.url];
    if (location) response.writeHead(302, { location }).end();
    else response.end('content');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${server.address().port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('from HTTPS to HTTP is not followed, nor to anything that is not the web', async () => {
  for (const path of ['down', 'file-url'])
    await expect(download(`https://${host}/${path}`, join(folder, path), null)).rejects.toThrow(
      /the server sends on from HTTPS to .*, which is not followed/,
    );
  expect(asked).toEqual(['/down', '/file-url']);
});

test('within HTTPS is followed', async () => {
  asked.length = 0;
  await download(`https://${host}/up`, join(folder, 'up'), null);
  expect(asked).toEqual(['/up', '/ok']);
});
