import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRpcError } from '#contract/rpc.ts';
import { makeFolder, requireOrdinaryPlace, statAt } from './places.ts';
import { openTestStudio, type TestStudio } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-places-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('making a folder', () => {
  it('makes those above it, and leaves what is there', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    expect(existsSync(deep)).toBe(true);
  });

  it('goes through a link to a folder', () => {
    mkdirSync(join(folder, 'target'));
    symlinkSync(join(folder, 'target'), join(folder, 'link'));
    makeFolder(join(folder, 'link', 'x'));
    expect(existsSync(join(folder, 'target', 'x'))).toBe(true);
  });

  it('says so where a file is in the way', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'file'), join(folder, 'file', 'x', 'y')])
      expect(() => makeFolder(path)).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });

  // Node's own `recursive` never comes back from the first two.
  it.runIf(process.platform === 'linux').each(['/proc/x/y', '/proc/self/x/y/z', '/sys/x/y'])(
    'ends with an error below %s',
    (path) =>
      expect(() => makeFolder(path)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^E(NOENT|PERM|ACCES|ROFS)$/) as string }),
      ),
  );
});

it('says of a place below a file that nothing can be written there, not that it cannot be read', () => {
  const file = join(folder, 'below');
  writeFileSync(file, '');
  expect(statAt(file)?.isFile()).toBe(true);
  expect(statAt(join(folder, 'nothing'))).toBeUndefined();
  expect(() => statAt(join(file, 'x'))).toThrow(expect.objectContaining({ code: 'FILE_NOT_WRITABLE' }));
});

describe.runIf(process.platform === 'linux')('places of the system', () => {
  it.each(['/proc', '/proc/self/fd', '/sys/x', '/dev/null', '/dev/../proc/x'])('refuses %s', (path) =>
    expect(() => requireOrdinaryPlace(path, 'SOURCE_UNREADABLE')).toThrow(
      expect.objectContaining({ code: 'SOURCE_UNREADABLE', details: { path } }),
    ),
  );

  it('refuses a link to one, and takes what only looks like one', () => {
    symlinkSync('/proc', join(folder, 'p'));
    expect(() => requireOrdinaryPlace(join(folder, 'p', 'x'), 'FILE_NOT_WRITABLE')).toThrow('/proc');
    for (const path of ['/dev/shm/x', '/process', '/proc/self/root/tmp', folder])
      expect(() => requireOrdinaryPlace(path, 'FILE_NOT_WRITABLE')).not.toThrow();
  });

  describe('named by a command', () => {
    let test: TestStudio;
    beforeAll(async () => {
      test = await openTestStudio();
      await test.client.project.create({ path: join(test.folder, 'P') });
    });
    afterAll(() => test.close());

    it.each(['/proc/x/P.atelier', '/proc/self/P', '/sys/P', '/dev/P'])(
      '%s ends with a typed error',
      async (path) => {
        const { project, sources } = test.client;
        const codes = await Promise.all(
          [
            project.create({ path }),
            project.open({ path }),
            sources.import({ source: { kind: 'path', path } }),
            sources.import({ source: { kind: 'path', path: '/proc' } }),
          ].map((call: Promise<unknown>) =>
            call.then(
              () => 'none',
              (error) => fromRpcError(error).code,
            ),
          ),
        );
        expect(codes).toEqual([
          'FILE_NOT_WRITABLE',
          'PROJECT_NOT_FOUND',
          'SOURCE_UNREADABLE',
          'SOURCE_UNREADABLE',
        ]);
        expect(await project.current()).toMatchObject({ name: 'P' });
      },
    );
  });
});
