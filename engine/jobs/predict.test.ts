import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestStudio, type TestStudio } from '../testing.ts';

let test: TestStudio;
beforeAll(async () => void (test = await openTestStudio()));
afterAll(() => test.close());

it.each(['/proc/self/environ', '/dev/zero', '/sys/kernel/notes'])('takes %s for no image', async (path) => {
  const image = { kind: 'path', path } as const;
  for (const ask of [test.client.predictions.predict, test.client.runs.inspect]) {
    await expect(ask({ runId: '20260101-000000-aaaa', image })).rejects.toMatchObject({
      data: { code: 'IMAGE_UNREADABLE' },
    });
  }
});
