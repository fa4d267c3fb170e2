/** Several broken files at once: each gets its own reason, however often and in whichever order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { makeThumbnail, toNetworkInput } from './decode.ts';
import { cutShort, damaged, tooLarge } from './formats.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));
const cut = (name: string) => fixture(name).subarray(0, Math.floor(fixture(name).length * 0.7));

it('are the same however small the picture is asked for', async () => {
  // Noise that is the same every time: whether a change shows depends on where it hits.
  let state = 1;
  const pixels = Uint8Array.from(
    { length: 900 * 600 * 3 },
    () => (state = (state * 48_271) % 2_147_483_647) & 127,
  );
  const noise = sharp(pixels, { raw: { width: 900, height: 600, channels: 3 } });
  const whole = await noise.jpeg({ quality: 90 }).toBuffer();
  let refused = 0;
  for (const share of [0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.996]) {
    const bytes = Buffer.from(whole);
    const middle = Math.floor(bytes.length * share);
    for (let at = middle; at < middle + 10; at++) bytes[at]! ^= 0x55;
    const verdicts = await Promise.all(
      [8, 32, 128, 900].map((width) =>
        toNetworkInput(bytes, { width, height: 8, channels: 3, fit: 'stretch' }, 'x').then(
          () => 'taken',
          (error: { details: { reason: string } }) => error.details.reason,
        ),
      ),
    );
    expect(new Set(verdicts).size, `${share}: ${verdicts.join(' ')}`).toBe(1);
    if (verdicts[0] === damaged('JPEG')) refused++;
  }
  expect(refused).toBeGreaterThan(0);
});

it('are told apart, 20 times over', async () => {
  const flipped = Buffer.from(fixture('one-dot.png'));
  flipped[flipped.length - 20]! ^= 0xff;
  const huge = Buffer.from(flipped);
  huge.writeUInt32BE(60_000, 16);
  huge.writeUInt32BE(60_000, 20);
  const whole = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#357' } })
    .jpeg()
    .toBuffer();
  const files: [Buffer, string][] = [
    [cut('large.jpg'), cutShort('JPEG')],
    [cut('one-dot.png'), cutShort('PNG')],
    [flipped, damaged('PNG')],
    [cut('transparent.gif'), cutShort('GIF')],
    [cut('animated.webp'), cutShort('WebP')],
    [cut('turned-6.tif'), cutShort('TIFF')],
    [cut('plain.avif'), cutShort('AVIF')],
    [cut('plain.heic'), cutShort('HEIC')],
    [cut('bits24.bmp'), cutShort('BMP')],
    [huge, tooLarge],
    [whole, 'taken'],
  ];
  for (let round = 0; round < 20; round++) {
    const order = files.map((_, index) => files[(index * 7 + round) % files.length]!);
    const found = await Promise.all(
      order.map(([bytes]) =>
        makeThumbnail(bytes, 'x').then(
          () => 'taken',
          (error: { details: { reason: string } }) => error.details.reason,
        ),
      ),
    );
    expect(found).toEqual(order.map(([, reason]) => reason));
  }
});
