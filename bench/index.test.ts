/** What bench computes and how it talks to its processes; the figures themselves are measured, not tested. */
import { describe, expect, test } from 'vitest';
import { median, ratios } from './index.ts';
import { startMeasuring } from './process.ts';

test('median of odd and even counts', () => {
  expect(median([3, 10, 1])).toBe(3);
  expect(median([4, 1, 10, 2])).toBe(3);
});

test('ratios take the best PyTorch mode, and are null where a side is missing', () => {
  const rows = [
    { mode: 'traced', imagesPerSecond: 1500 },
    { mode: 'eager', imagesPerSecond: 500 },
    { mode: 'pytorch-eager', imagesPerSecond: 1000 },
    { mode: 'pytorch-compile', imagesPerSecond: 1200 },
  ] as const;
  expect(ratios([...rows])).toEqual({
    tracedToBestPytorch: 1.25,
    tracedToEager: 3,
    bestPytorch: 'pytorch-compile',
  });
  expect(ratios(rows.slice(0, 1))).toEqual({
    tracedToBestPytorch: null,
    tracedToEager: null,
    bestPytorch: null,
  });
});

describe('a measuring process', () => {
  const node = (script: string) => startMeasuring([process.execPath, '-e', script], process.env);
  const ready = `console.log('chatter'); console.log('{"ready":true,"library":"x","device":"y","threads":1}');`;

  test('answers rounds, past what a library prints', async () => {
    const child = await node(
      `${ready} process.stdin.on('data', (d) => console.log(JSON.stringify({ imagesPerSecond: Number(d) * 2, loss: 0 })));`,
    );
    expect(child.ready.library).toBe('x');
    expect((await child.round(21)).imagesPerSecond).toBe(42);
    expect((await child.round(3)).imagesPerSecond).toBe(6);
    child.end();
  });

  test('that dies before or during a round rejects with its last words', async () => {
    await expect(node("console.error('first'); console.error('no torch'); process.exit(3)")).rejects.toThrow(
      'ended with 3: no torch',
    );
    const child = await node(`${ready} process.stdin.once('data', () => { throw new Error('boom'); });`);
    await expect(child.round(1)).rejects.toThrow(/^ended with 1/);
    await expect(child.round(1)).rejects.toThrow(/has ended/);
  });

  test('that cannot be started rejects', async () => {
    await expect(startMeasuring(['/no/such/program'], process.env)).rejects.toThrow(/ENOENT/);
  });
});
