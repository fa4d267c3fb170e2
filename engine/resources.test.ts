/** What the database says of an export is not believed: only the file that was exported is handed out. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { ExportedRun } from '#contract/exporters.ts';
import type { JobServices } from './jobs/job-services.ts';
import { answerResource } from './resources.ts';
import type { Uploads } from './uploads.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-resources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bundle = join(folder, 'bundle.zip');
writeFileSync(bundle, Buffer.from('PK\x03\x04 and the rest'));
const secret = join(folder, 'secret.txt');
writeFileSync(secret, 'mine');
const pipe = join(folder, 'pipe');
if (process.platform !== 'win32') execFileSync('mkfifo', [pipe]);

const ask = (
  path: string,
  bytes: number,
  kept: Partial<ExportedRun> = { format: 'bundle' },
  address = '/exports/run-1.zip',
) => {
  const project = { runs: { exported: () => ({ runId: 'run-1', path, bytes, ...kept }) } };
  return answerResource({ project: () => project } as unknown as JobServices, {} as Uploads, {
    ...{ method: 'GET', path: address, headers: {}, body: null },
  });
};

it('hands out the bundle that was exported', async () => {
  const { status, body } = await ask(bundle, statSync(bundle).size);
  expect([status, String(body)]).toEqual([200, 'PK\x03\x04 and the rest']);
});

it.each([
  ['a file that is no bundle', secret, 4],
  ['a file of another size', bundle, 3],
  ['a file that is gone', join(folder, 'none.zip'), 4],
  ['a folder', folder, statSync(folder).size],
  ['a device that never ends', '/dev/zero', 0],
  ['a pipe', pipe, 0],
])('hands out no %s', (_name, path, bytes) =>
  expect(ask(path, bytes)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('Export it again') as string,
  }),
);

it('hands out a file of any format by its SHA-256, under the address of its format', async () => {
  const sha256 = createHash('sha256').update('mine').digest('hex');
  const model = (format: 'bundle' | 'onnx', address: string, digest = sha256) =>
    ask(secret, 4, { format, sha256: digest }, address);
  const { body, headers } = await model('onnx', '/exports/run-1.onnx');
  expect([String(body), headers['content-disposition']]).toEqual([
    'mine',
    'attachment; filename="run-1.onnx"',
  ]);
  const refused = { code: 'NOT_FOUND' };
  await expect(model('onnx', '/exports/run-1.onnx', 'f'.repeat(64))).rejects.toMatchObject(refused);
  await expect(model('onnx', '/exports/run-1.zip')).rejects.toMatchObject(refused);
  await expect(ask(secret, 4, { format: 'onnx' }, '/exports/run-1.onnx')).rejects.toMatchObject(refused);
});
