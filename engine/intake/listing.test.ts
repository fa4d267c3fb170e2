import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listFiles, reasons } from './listing.ts';

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-listing-'));
  root = join(folder, 'set');
  mkdirSync(root);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), 'x');
  }
}
const list = (path = root, signal = new AbortController().signal) => listFiles(path, signal);
async function listed(): Promise<[string[], Record<string, string>]> {
  const { files, skipped } = await list();
  return [
    files.map(({ name }) => name),
    Object.fromEntries(skipped.map(({ path, reason }) => [path, reason])),
  ];
}

describe('a listing', () => {
  it('has every file with its size, in the order of the names', async () => {
    put('b/2.png', 'b/10.png', 'a/x/y.png', 'B.txt');
    expect((await list()).files).toEqual(
      ['B.txt', 'a/x/y.png', 'b/10.png', 'b/2.png'].map((name) => ({
        name,
        path: join(root, name),
        size: 1,
      })),
    );
  });

  it('names what systems and programs leave behind, and goes into none of it', async () => {
    const left = [
      '@eaDir', '$RECYCLE.BIN', '#recycle', 'System Volume Information', 'lost+found', '__MACOSX', '__pycache__',
      '.ipynb_checkpoints', 'a/.ipynb_checkpoints',
    ]; // prettier-ignore
    put(...left.map((name) => `${name}/1.png`), 'a/1.png');
    const alone = [
      'Thumbs.db',
      'thumbs.db',
      'ehthumbs.db',
      'Desktop.ini',
      'a/._1.png',
      'a/Icon\r',
      '.DS_Store',
    ];
    put(...alone);
    put('.hidden/1.png', 'a/.2.png', '..x/1.png');
    const [files, skipped] = await listed();
    expect(files).toEqual(['a/1.png']);
    expect(skipped).toEqual({
      ...Object.fromEntries([...left, ...alone].map((name) => [name, reasons.litter])),
      ...Object.fromEntries(['.hidden', 'a/.2.png', '..x'].map((name) => [name, reasons.hidden])),
    });
  });

  it.skipIf(process.platform === 'win32')(
    'names pipes, devices, wrong names and links that lead nowhere',
    async () => {
      put('a/1.png');
      execFileSync('mkfifo', [join(root, 'a/pipe.png')]);
      symlinkSync('/dev/zero', join(root, 'a/zero.png'));
      symlinkSync(join(root, 'nowhere.png'), join(root, 'a/dangling.png'));
      symlinkSync('self.png', join(root, 'a/self.png'));
      mkdirSync(join(root, 'empty'));
      writeFileSync(Buffer.concat([Buffer.from(join(root, 'a/latin-')), Buffer.from([0xe4])]), 'x');
      mkdirSync(Buffer.concat([Buffer.from(join(root, 'klasse-')), Buffer.from([0xe4])]));
      expect(await listed()).toEqual([
        ['a/1.png'],
        {
          'a/pipe.png': reasons.special,
          'a/zero.png': reasons.special,
          'a/dangling.png': reasons.dangling,
          'a/self.png': 'Cannot be read: its link leads back to itself.',
          'a/latin-\ufffd': reasons.name,
          'klasse-\ufffd': reasons.name,
          empty: reasons.empty,
        },
      ]);
    },
  );

  it.skipIf(process.platform === 'win32')(
    'follows links out of the source, once, and never in circles',
    async () => {
      put('a/1.png', '../out/x/1.png');
      symlinkSync(join(folder, 'out'), join(root, 'first'));
      symlinkSync(join(folder, 'out'), join(root, 'second'));
      symlinkSync(join(root, 'a'), join(root, 'same'));
      symlinkSync(root, join(root, 'a/up'));
      symlinkSync(folder, join(root, 'a/further-up'));
      symlinkSync(join(folder, 'out'), join(folder, 'out/x/back'));
      symlinkSync(join(root, 'a/1.png'), join(root, 'file.png'));
      expect(await listed()).toEqual([
        ['a/1.png', 'file.png', 'first/x/1.png'],
        {
          'a/up': reasons.loop,
          'a/further-up': reasons.loop,
          'first/x/back': reasons.loop,
          second: reasons.twice,
          same: reasons.twice,
        },
      ]);
    },
  );

  it('ends at a bounded depth', async () => {
    put(`${'d/'.repeat(40)}1.png`, 'a/1.png');
    const [files, skipped] = await listed();
    expect(files).toEqual(['a/1.png']);
    expect(skipped).toEqual({ [Array<string>(33).fill('d').join('/')]: reasons.deep });
  });

  it('names a folder that may not be read', async () => {
    put('a/1.png', 'closed/1.png');
    chmodSync(folder, 0o755);
    chmodSync(join(root, 'closed'), 0);
    // A superuser may read everything; nobody may not.
    const superuser = process.getuid?.() === 0;
    if (superuser) process.seteuid!('nobody');
    const [files, skipped] = await listed().finally(() => superuser && process.seteuid!(0));
    chmodSync(join(root, 'closed'), 0o700);
    expect([files, skipped]).toEqual([['a/1.png'], { closed: 'Cannot be read: you may not read it.' }]);
  });

  it('takes a file for a source of one file', async () => {
    put('set.zip');
    const file = join(root, 'set.zip');
    expect(await list(file)).toEqual({
      root: file,
      files: [{ path: file, name: 'set.zip', size: 1 }],
      skipped: [],
    });
  });

  it('says what is wrong with a path that gives none', async () => {
    await expect(list(join(root, 'nowhere'))).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: `Expected a folder at ${join(root, 'nowhere')}, but nothing is there. Check the path.`,
    });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await expect(list(join(root, 'pipe'))).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('received a pipe or a device') as string,
    });
  });

  it('stops when it is cancelled, and tells how far it is', async () => {
    put(...Array.from({ length: 100 }, (_, at) => `a/${at}.png`));
    const controller = new AbortController();
    const seen: number[] = [];
    const stopped = listFiles(root, controller.signal, (files) => {
      seen.push(files);
      controller.abort();
    });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toEqual([32]);
  });
});
