import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Floor } from './floor.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-floor-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('refuses work on a project that is being left, and tells of what is still written to it', async () => {
  const floor = new Floor({ desktop: false, version: '0' });
  await floor.create(join(folder, 'p'), undefined);
  const project = floor.project();
  let stopped = () => {};
  floor.jobs.start(
    { kind: 'import', title: '', runId: null },
    'short',
    () => new Promise<void>((resolve) => (stopped = resolve)),
  );
  const closing = floor.closeProject();
  await new Promise((resolve) => setImmediate(resolve));
  expect(() => floor.project()).toThrow(/being closed/);
  await project.addClass('Hat');
  expect(floor.changed([]).classes).toHaveLength(1);
  stopped();
  await closing;
  expect(() => floor.project()).toThrow(/none is/);
  await floor.close();
});
