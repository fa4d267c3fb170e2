/** A table of labels as a file that the window hands over: looked at, taken over by the same reading, and out again. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followJob } from '#contract/follow.ts';
import { faultsTold } from '#contract/labels.ts';
import { resources, uploadPathHeader } from '#contract/resources.ts';
import { buildWorker, openTestStudio, type TestStudio, writePicture } from './testing.ts';

let test: TestStudio;
beforeAll(async () => {
  await buildWorker();
  test = await openTestStudio();
  const flat = join(test.folder, 'flat');
  for (let at = 0; at < 6; at++)
    await writePicture(join(flat, `${at}.png`), { r: 40 * at, g: 90, b: 20 }, { seed: at });
  await test.client.project.create({ path: join(test.folder, 'p.atelier') });
  await followJob(test.client, () => test.client.sources.import({ source: { kind: 'path', path: flat } }));
});
afterAll(() => test.close());

async function upload(text: string, name = 'labels.csv'): Promise<string> {
  const { body } = await test.studio.resources({
    ...{ method: 'POST', path: resources.uploads, headers: { [uploadPathHeader]: name } },
    body: Buffer.from(text),
  });
  return (JSON.parse(Buffer.from(body).toString()) as { uploadId: string }).uploadId;
}
const current = () => test.client.project.current();

describe('a file of labels', () => {
  it('says what it would come to and changes nothing, then counts as one step that is undone', async () => {
    const uploadId = await upload(
      'file,class,look\n0.png,ant,x\n1.png,bee,x\nnowhere.png,bee,x\n2.png,ant,x\n',
    );
    const planned = await test.client.labels.applyFile({ uploadId, dryRun: true });
    expect(planned).toMatchObject({
      ...{ rows: 4, labelled: 3, newClasses: ['ant', 'bee'], faulty: 1, unused: ['look'] },
      faults: [{ row: 4, path: 'nowhere.png', reason: 'No image of the project has this path.' }],
    });
    expect(await current()).toMatchObject({ classes: [], counts: { unlabelled: 6 } });
    expect(await test.client.labels.applyFile({ uploadId })).toEqual(planned);
    expect(await current()).toMatchObject({
      counts: { unlabelled: 3 },
      undo: 'Take over labels of 3 images',
    });
    await test.client.journal.undo();
    expect(await current()).toMatchObject({ classes: [], counts: { unlabelled: 6 } });
  });

  it('tells the first rows that cannot be taken, and how many there are', async () => {
    const lines = Array.from({ length: faultsTold + 7 }, (_, at) => `none-${at}.png,ant`);
    const report = await test.client.labels.applyFile({
      uploadId: await upload(`path,label\n${lines.join('\n')}\n`),
      dryRun: true,
    });
    expect([report.faulty, report.faults.length, report.faults[0]?.row]).toEqual([
      faultsTold + 7,
      faultsTold,
      2,
    ]);
  });

  it('is refused where it is none, or is not there', async () => {
    for (const [text, name] of [
      ['\0\x01\x02', 'a.csv'],
      ['look\nx\n', 'b.csv'],
    ] as const)
      await expect(
        test.client.labels.applyFile({ uploadId: await upload(text, name), dryRun: true }),
      ).rejects.toMatchObject({ data: { code: 'SOURCE_UNREADABLE' } });
    await expect(test.client.labels.applyFile({ uploadId: '0'.repeat(32) })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    });
    expect(await current()).toMatchObject({ classes: [], counts: { unlabelled: 6 } });
  });

  it('goes out as CSV that comes in again and changes nothing', async () => {
    await test.client.labels.applyFile({
      uploadId: await upload(
        'path,label,excluded,hard,note\n0.png,ant,blurred,,\n5.png,"bee, a",,hard,"two\nlines"\n',
      ),
    });
    const { headers, body } = await test.studio.resources({
      ...{ method: 'GET', path: resources.labels, headers: {}, body: null },
    });
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    const text = Buffer.from(body).toString();
    expect(text.split('\r\n')[0]).toBe('path,label,split,excluded,hard,note,hash');
    expect(await test.client.labels.applyFile({ uploadId: await upload(text), dryRun: true })).toMatchObject({
      rows: 6,
      unchanged: 6,
      faulty: 0,
      unused: [],
    });
  });
});
