/** The quick form of `npm run torture -- full-disk`: labels on a disk that fills up, and shown to notice. */
import { describe, expect, test } from 'vitest';
import { tortureFullDisk } from './full-disk.ts';
import { whyNoMount } from './mounts.ts';

const reason = whyNoMount();

describe.skipIf(reason !== null)(`a full disk${reason ? ` (not possible here: ${reason})` : ''}`, () => {
  test('loses nothing that was acknowledged, opens, and has room again once a run is deleted', async () => {
    const { trials, losses, refused, looks } = await tortureFullDisk({ trials: 8, seed: 1 });
    expect([trials, losses]).toEqual([8, []]);
    expect(refused).toBeGreaterThan(0);
    expect(looks).toBeGreaterThan(0);
  });

  test('on which what was refused is taken for done is noticed', async () => {
    const { losses } = await tortureFullDisk({ trials: 2, seed: 1, sabotage: 'swallow' });
    expect(losses.join()).toContain('the labels are not those that were acknowledged');
  });
});
