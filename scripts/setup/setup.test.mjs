/** Set-up's parts that can go wrong on somebody's machine: broken downloads, wrong files, stale locks, old builds. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sourceStamp } from './build.mjs';
import { crc32 } from './crc32.mjs';
import { refuseUnverified } from './digest.mjs';
import { download } from './download.mjs';
import { withLock } from './lock.mjs';
import { whyInstall } from './packages.mjs';
import { root, supply } from './places.mjs';
import { pip } from './python.mjs';
import { run } from './run.mjs';
import { transferText } from './say.mjs';
import { ensureTensorFlow, requirementsOf } from './tensorflow.mjs';
import { extractEntry } from './unzip.mjs';

let folder;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'atelier-setup-'))));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});
const digestOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('download', () => {
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251));
  let server;
  let requests;
  let behave;
  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      requests.push(request.headers.range ?? 'all');
      behave(request, response);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());
  const url = () => `http://127.0.0.1:${server.address().port}/file`;
  const serve = (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from ? 206 : 200, { 'content-length': content.length - from });
    response.end(content.subarray(from));
  };

  test('goes on where a broken transfer stopped', async () => {
    behave = (request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 90_000));
      // Broken once something has arrived, however busy the machine is.
      const arrived = setInterval(() => {
        const size = statSync(join(folder, 'file.part'), { throwIfNoEntry: false })?.size ?? 0;
        if (size === 0) return;
        clearInterval(arrived);
        response.destroy();
      }, 10);
    };
    const path = join(folder, 'file');
    await expect(download(url(), path, digestOf(content))).rejects.toThrow(
      /could not be fetched.*run the command again/,
    );
    expect(existsSync(path)).toBe(false);
    behave = serve;
    await download(url(), path, digestOf(content));
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(requests[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test('starts anew where the server knows no ranges', async () => {
    writeFileSync(join(folder, 'file.part'), 'something else');
    behave = (_request, response) => response.end(content);
    await download(url(), join(folder, 'file'), digestOf(content));
    expect(readFileSync(join(folder, 'file')).equals(content)).toBe(true);
  });

  test('refuses and deletes another file than the one expected', async () => {
    behave = serve;
    await expect(download(url(), join(folder, 'file'), digestOf('other'))).rejects.toThrow(
      /not the file that was expected/,
    );
    expect(existsSync(join(folder, 'file'))).toBe(false);
    expect(existsSync(join(folder, 'file.part'))).toBe(false);
  });

  test('says which answer it got', async () => {
    behave = (_request, response) => response.writeHead(403).end();
    await expect(download(url(), join(folder, 'file'), digestOf(content))).rejects.toThrow(
      /the server answered 403/,
    );
  });

  test('follows a redirect, but not for ever', async () => {
    behave = (request, response) =>
      request.url === '/file'
        ? response.writeHead(302, { location: '/there' }).end()
        : serve(request, response);
    await download(url(), join(folder, 'file'), digestOf(content));
    expect(readFileSync(join(folder, 'file')).equals(content)).toBe(true);
    behave = (_request, response) => response.writeHead(302, { location: '/file' }).end();
    await expect(download(url(), join(folder, 'other'), digestOf(content))).rejects.toThrow(
      /the server sends on and on/,
    );
    expect(requests).toHaveLength(8);
  });

  test('is not made without encryption where no digest is known', async () => {
    behave = serve;
    await expect(download(url(), join(folder, 'file'), null)).rejects.toThrow(
      /is not fetched from 127\.0\.0\.1:\d+ without encryption, as no digest of it is known/,
    );
    expect(requests).toEqual([]);
  });
});

describe('unzip', () => {
  /** A zip file of one entry, written by hand. */
  function zip(name, data, { method = 8, claimed = data.length } = {}) {
    const packed = method === 8 ? deflateRawSync(data) : data;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimed, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    const central = Buffer.concat([
      Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
      common,
      Buffer.alloc(14),
      Buffer.from(name),
    ]);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(1, 8);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(central.length, 12);
    end.writeUInt32LE(local.length, 16);
    const path = join(folder, 'a.zip');
    writeFileSync(path, Buffer.concat([local, central, end]));
    return path;
  }
  const data = Buffer.from('libtensorflow'.repeat(10_000));

  test.each([0, 8])('takes out an entry (method %i) and tells its digest', async (method) => {
    const digest = await extractEntry(zip('a/b.so', data, { method }), 'a/b.so', join(folder, 'b.so'));
    expect(digest).toBe(digestOf(data));
    expect(readFileSync(join(folder, 'b.so')).equals(data)).toBe(true);
  });
  test('refuses a size that is false, a name that is missing, a file that is no zip', async () => {
    await expect(extractEntry(zip('b', data, { claimed: 5 }), 'b', join(folder, 'b'))).rejects.toThrow(
      /where 5 were expected/,
    );
    await expect(extractEntry(zip('b', data), 'c', join(folder, 'c'))).rejects.toThrow(/holds no c/);
    writeFileSync(join(folder, 'a.zip'), 'no zip');
    await expect(extractEntry(join(folder, 'a.zip'), 'b', join(folder, 'b'))).rejects.toThrow(/no zip file/);
  });
  test('computes the CRC-32 of the standard check value', () =>
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926));
});

describe('lock', () => {
  test('lets one in at a time', async () => {
    const order = [];
    const enter = (name) =>
      withLock(join(folder, 'lock'), 'testing', async () => {
        order.push(`${name} in`);
        for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
        order.push(`${name} out`);
      });
    await Promise.all([enter('a'), enter('b')]);
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out']);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });
  test('takes over what a process left that is gone', async () => {
    const { stdout } = await run(process.execPath, ['-e', 'console.log(process.pid)']);
    writeFileSync(join(folder, 'lock'), stdout.trim());
    expect(await withLock(join(folder, 'lock'), 'testing', async () => 'in')).toBe('in');
  });
});

describe('packages', () => {
  const write = (wanted, present) => {
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }));
    if (present)
      writeFileSync(
        join(folder, 'node_modules', '.package-lock.json'),
        JSON.stringify({ packages: present }),
      );
  };
  const a = { 'node_modules/a': { version: '1.0.0' } };
  test('are installed when absent, missing or of another version', () => {
    write(a, null);
    expect(whyInstall(folder)).toBe('no packages yet');
    write(a, {});
    expect(whyInstall(folder)).toBe('a is missing');
    write(a, { 'node_modules/a': { version: '0.9.0' } });
    expect(whyInstall(folder)).toBe('a 1.0.0 is wanted');
  });
  test('are left alone when they agree, whatever is left out for other platforms', () => {
    write({ ...a, 'node_modules/b': { version: '1.0.0', optional: true } }, a);
    expect(whyInstall(folder)).toBeNull();
  });
});

describe('build', () => {
  test('is due when a source changes, not when a test does', () => {
    mkdirSync(join(folder, 'engine'));
    for (const name of ['a.ts', 'a.test.ts']) writeFileSync(join(folder, 'engine', name), 'x');
    const before = sourceStamp(folder);
    utimesSync(join(folder, 'engine', 'a.test.ts'), 1, 1);
    expect(sourceStamp(folder)).toBe(before);
    utimesSync(join(folder, 'engine', 'a.ts'), 1, 1);
    expect(sourceStamp(folder)).not.toBe(before);
  });
});

describe('TensorFlow', () => {
  test('says what to do when ATELIER_TENSORFLOW names an empty folder', async () => {
    vi.stubEnv('ATELIER_TENSORFLOW', folder);
    await expect(ensureTensorFlow()).rejects.toThrow(/holds no libtensorflow; correct it or unset it/);
  });
  test('is not taken unverified unless that was accepted', () => {
    expect(() => refuseUnverified('A file')).toThrow(/--accept-unverified/);
    vi.stubEnv('ATELIER_ACCEPT_UNVERIFIED', '1');
    expect(() => refuseUnverified('A file')).not.toThrow();
  });
  test('has a digest wherever it comes as a wheel', () => {
    for (const build of Object.values(supply().tensorflow.builds).filter((build) => build.wheel)) {
      for (const { sha256 } of [build, ...build.files, ...(build.beside ?? [])])
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
  test('gets NVIDIA\u2019s libraries by exact version and digest, and pip refuses any other file', async () => {
    const [first] = supply().tensorflow.builds['linux-x64-cuda'].beside;
    expect(requirementsOf([first])).toBe(
      `${first.package}==${first.version} --hash=sha256:${first.sha256}\n`,
    );
    const other = join(folder, `${first.package.replaceAll('-', '_')}-${first.version}-py3-none-any.whl`);
    writeFileSync(other, 'another file');
    const list = join(folder, 'list.txt');
    writeFileSync(list, requirementsOf([first]));
    const args = ['--no-index', '--find-links', folder, '--require-hashes', '--requirement', list];
    const { code, output } = await pip(['download', '--no-deps', '--dest', join(folder, 'to'), ...args]);
    expect(code).not.toBe(0);
    expect(output).toMatch(/DO NOT MATCH THE HASHES/);
  });
});

describe('packages of the system', () => {
  /** Pretends to be root on a Debian where nothing is installed; every call is written down. */
  async function tryInstall(env) {
    const log = join(folder, 'calls');
    for (const name of ['apt-get', 'apt-cache', 'dpkg-query'])
      writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} "$@" >> ${log}\n`, { mode: 0o755 });
    const script = `process.getuid = () => 0; import('./scripts/setup/apt.mjs').then((m) => m.installDebian(['xvfb'], 'a test')).then((r) => console.log(JSON.stringify(r)))`;
    const { stdout } = await run(process.execPath, ['-e', script], {
      cwd: root,
      env: { PATH: `${folder}:/usr/bin:/bin`, CI: '', ATELIER_APT: '', ...env },
    });
    const calls = existsSync(log) ? readFileSync(log, 'utf8') : '';
    return {
      ...JSON.parse(stdout.trim().split('\n').at(-1)),
      installs: /apt-get (install|update)/.test(calls),
    };
  }
  test.runIf(process.platform === 'linux')(
    'are installed when asked for only, and named otherwise',
    async () => {
      expect(await tryInstall({})).toEqual({
        missing: ['xvfb'],
        reason:
          'nothing is installed in the system unasked; run: apt-get install xvfb, or start again with ATELIER_APT=1',
        installs: false,
      });
      expect(await tryInstall({ ATELIER_APT: '1' })).toMatchObject({ installs: true });
      expect(await tryInstall({ CI: 'true' })).toMatchObject({ installs: true });
    },
  );
});

test('pip is said to be missing in a sentence that says what to do', async () => {
  // Run apart: an empty PATH, no root's apt, nothing in the cache.
  const script = `import('./scripts/setup/tensorflow.mjs').then((m) => m.ensureTensorFlow()).catch((e) => console.log(e.message))`;
  const { stdout } = await run(process.execPath, ['-e', script], {
    cwd: root,
    env: { PATH: '', HOME: folder, ATELIER_CACHE: folder, ATELIER_TENSORFLOW: '' },
  });
  expect(stdout).toMatch(
    /No Python with pip was found.*install Python 3 with pip|TensorFlow offers no library/,
  );
});

test('progress tells what is done, what is due and how long it takes', () => {
  vi.useFakeTimers({ now: 20_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(transferText(50e6, 100e6, 10_000)).toBe('50 of 100 MB, 10 s left');
});
