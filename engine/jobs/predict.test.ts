import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestStudio, type TestStudio } from '../testing.ts';

let test: TestStudio;
beforeAll(async () => void (test = await openTestStudio()));
afterAll(() => test.close());

it('classifies no file by its path for a client that is not this program', async () => {
  const image = { kind: 'path', path: '/etc/hostname' } as const;
  await expect(
    test.client.predictions.predict({ runId: '20260101-000000-aaaa', image }),
  ).rejects.toMatchObject({
    data: { code: 'FORBIDDEN' },
  });
});
