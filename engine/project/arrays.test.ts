import { expect, it } from 'vitest';
import { writeArray } from './arrays.ts';

it.skipIf(process.platform !== 'linux')('says that no room is left', async () => {
  await expect(writeArray('/dev/full', Int32Array.of(1))).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: 'No space is left to write /dev/full. Free some, then try again.',
  });
});
