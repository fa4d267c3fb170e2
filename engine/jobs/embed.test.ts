/** Which network computes embeddings, and what is known of them when a worker ends: scripted workers, a real project. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Input, Result } from '../worker/protocol.ts';
import { embeddingState, startEmbedding } from './embed.ts';
import { openTestServices, type Script, type TestServices } from './testing.ts';

let services: TestServices;
let script: Script;
let asked: Input<'embed'>[];
let ends: number;
beforeEach(async () => {
  asked = [];
  ends = 0;
  script = {};
  services = await openTestServices({
    embed: (input, ...rest) => (asked.push(input), script.embed!(input, ...rest)),
  });
});
afterEach(() => services.close());

const total = 2500;
const all: Result<'embed'> = { done: total, total, skipped: 0 };
const start = (by?: Parameters<typeof startEmbedding>[1]) => startEmbedding(services, by, () => (ends += 1));
const state = () => embeddingState(services, services.open);

it('takes a backbone at a small input for small pictures, as long as no run has learned', async () => {
  script.embed = async () => all;
  expect(state()).toEqual({ by: null, state: 'missing', done: 0, total, jobId: null });
  const job = await start();
  expect(state()).toMatchObject({ state: 'computing', jobId: job.id });
  expect(await services.ended(job)).toMatchObject({
    state: 'finished',
    title: 'Embeddings by EfficientNet-Lite0',
  });
  expect(asked[0]!.origin).toEqual({ kind: 'backbone', name: 'efficientnet-lite0', side: 128 });
  expect(state()).toMatchObject({ state: 'complete', done: total, jobId: null });
  expect(ends).toBe(1);
  // Once chosen it stays; another one begins anew.
  await services.ended(await start());
  expect(asked[1]!.origin).toEqual(asked[0]!.origin);
  script.embed = async (_, tell) => {
    tell({ kind: 'step', done: 0, total, unit: 'images' });
    throw new AtelierError('DISK_FULL', 'No room.');
  };
  const other = await start({ kind: 'backbone', name: 'efficientnet-lite2' });
  expect(await services.ended(other)).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } });
  expect(state()).toMatchObject({ by: { name: 'efficientnet-lite2' }, state: 'missing', done: 0 });
});

it('a worker that ends on the way leaves what it had kept, and says so', async () => {
  script.embed = async (_, tell) => {
    tell({ kind: 'step', done: 640, total, unit: 'images' });
    throw new AtelierError('WORKER_DIED', 'It ended.');
  };
  expect(await services.ended(await start())).toMatchObject({
    state: 'failed',
    error: { code: 'WORKER_DIED' },
  });
  expect(state()).toMatchObject({ state: 'partial', done: 640, total });
  script.embed = async () => ({ ...all, done: total - 3, skipped: 3 });
  await services.ended(await start());
  expect(state()).toMatchObject({ state: 'partial', done: total - 3 });
});

it('while one is under way the same is the same job, and another one is refused', async () => {
  script.embed = async (_input, _tell, cancelled) => cancelled;
  const job = await start();
  expect((await start()).id).toBe(job.id);
  await expect(start({ kind: 'backbone', name: 'efficientnet-lite2' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  services.jobs.cancel(job.id);
  expect(await services.ended(job)).toMatchObject({ state: 'cancelled' });
  expect(ends).toBe(1);
});

it('a run that is not there, and a machine without backbones and runs, are told with what to do', async () => {
  await expect(start({ kind: 'run', runId: 'run-9' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const empty = mkdtempSync(join(tmpdir(), 'atelier-no-cache-'));
  const before = process.env['ATELIER_CACHE'];
  process.env['ATELIER_CACHE'] = empty;
  try {
    await expect(start()).rejects.toMatchObject({
      code: 'NOT_ENOUGH_DATA',
      message: expect.stringContaining('train a run first') as string,
    });
    await expect(start({ kind: 'backbone', name: 'efficientnet-lite0' })).rejects.toMatchObject({
      code: 'BACKBONE_NOT_FOUND',
    });
  } finally {
    if (before === undefined) delete process.env['ATELIER_CACHE'];
    else process.env['ATELIER_CACHE'] = before;
    rmSync(empty, { recursive: true });
  }
});
