/** `atelier serve` as a process: fresh addresses from elsewhere, what it allows, and its end while something trains. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRpcError } from '#contract/rpc.ts';
import { clientOf, openSocket, sessionIn } from '#engine/serve/testing.ts';
import { bundle } from '#engine/testing.ts';
import { presets } from '#recipe/presets.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-cli-serve-'));
const cache =
  process.env.ATELIER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'atelier');
const page = join(folder, 'page');
const project = join(folder, 'P.atelier');
const served = join(folder, 'served');
let cli: { script: string; worker: string };

interface Line {
  event: string;
  url?: string;
  port?: number;
  code?: string;
  message?: string;
  details?: Record<string, unknown>;
  allowed?: string[];
}

const running = new Set<ChildProcess>();
function start(...args: string[]) {
  const child = spawn(process.execPath, [cli.script, ...args, '--json'], {
    cwd: process.cwd(),
    env: {
      ...process.env,
      HOME: folder,
      ATELIER_CACHE: cache,
      ATELIER_STATE: join(folder, 'state.json'),
      ATELIER_WORKER: cli.worker,
      ATELIER_RENDERER: page,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (out += String(part)));
  child.stderr.on('data', (part: Buffer) => (err += String(part)));
  const lines = () =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const ended = new Promise<{ code: number | null; last: Line; err: string; out: string }>((resolve) =>
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, last: lines().pop() ?? { event: 'none' }, err, out });
    }),
  );
  /** Resolves once `look` finds something in what was printed. */
  const when = <T>(look: (printed: { lines: Line[]; err: string }) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const see = () => {
        const found = look({ lines: lines(), err });
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', see);
      child.stderr.on('data', see);
      void ended.then(() => reject(new Error(`It ended: ${out}${err}`)));
      see();
    });
  const address = (number = 1) =>
    when((printed) => printed.lines.filter(({ event }) => event === 'serving')[number - 1]);
  return { child, ended, when, address };
}
const atelier = (...args: string[]) => start(...args).ended;

/** A client of the studio, through the address as a browser opens it. */
async function enter(url: string) {
  const answer = await fetch(url);
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  const { secret } = sessionIn(await answer.text())!;
  const { port, origin } = new URL(url);
  const socket = await openSocket(Number(port), { cookie, origin }, ['atelier', `atelier.${secret}`]);
  return { client: clientOf(socket), socket };
}

beforeAll(async () => {
  mkdirSync(page);
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Atelier</title>');
  cli = { script: await bundle('cli/index.ts'), worker: await bundle('engine/worker/index.ts') };
  expect((await atelier('new', project, '--from', 'fashion-mnist-small')).code).toBe(0);
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

describe('a fresh address', () => {
  it('is printed for a signal and for --new-address, without a terminal, and no secret is in any output', async () => {
    const studio = start('serve', project);
    const { url = '', port } = await studio.address();
    const file = join(served, `${port}.json`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(served).mode & 0o777).toBe(0o700);
    const { secret } = JSON.parse(readFileSync(file, 'utf8')) as { secret: string };

    studio.child.kill('SIGUSR2');
    const second = await studio.address(2);
    expect(second.url).not.toBe(url);
    expect((await fetch(url)).status).toBe(403);

    const asked = await atelier('serve', '--new-address');
    expect([asked.code, asked.last]).toMatchObject([0, { event: 'serving', port }]);
    expect((await fetch(second.url!)).status).toBe(403);
    const letIn = await fetch(asked.last.url!);
    expect(letIn.status).toBe(200);
    const page = sessionIn(await letIn.text())!;

    studio.child.kill('SIGTERM');
    const { out, err, code } = await studio.ended;
    expect(code).toBe(0);
    for (const text of [secret, page.secret, page.key]) expect(out + err + asked.out).not.toContain(text);
    expect(existsSync(file)).toBe(false);
  });

  it('is told by nobody where no studio runs, and the file of one that was killed is removed', async () => {
    const studio = start('serve');
    const { port } = await studio.address();
    studio.child.kill('SIGKILL');
    await studio.ended;
    expect(readdirSync(served)).toEqual([`${port}.json`]);
    const { code, last } = await atelier('serve', '--new-address');
    expect([code, last.code]).toEqual([1, 'NOT_FOUND']);
    expect(readdirSync(served)).toEqual([]);
  });

  it('asks which one where several run', async () => {
    const [one, two] = [start('serve', project), start('serve')];
    const ports = [(await one.address()).port, (await two.address()).port];
    const { code, last } = await atelier('serve', '--new-address');
    expect([code, last.code]).toEqual([2, 'USAGE']);
    for (const port of ports) expect(last.message).toContain(`--port ${port}`);
    expect(last.message).toContain(project);
    const chosen = await atelier('serve', '--new-address', '--port', String(ports[1]));
    expect(new URL(chosen.last.url!).port).toBe(String(ports[1]));
    for (const studio of [one, two]) studio.child.kill('SIGTERM');
    await Promise.all([one.ended, two.ended]);
  });

  it("is not believed from another person's server on the port, which learns no secret", async () => {
    let heard = '';
    const hostile = createServer((request, response) => {
      heard += JSON.stringify(request.headers);
      response.end(JSON.stringify({ url: 'http://127.0.0.1:1/phish', proof: 'x' }));
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    const { port } = hostile.address() as { port: number };
    const known = {
      host: '127.0.0.1',
      pid: process.pid,
      machine: hostname(),
      startedAt: 'now',
      project: null,
    };
    const secret = 'S'.repeat(43);
    writeFileSync(join(served, `${port}.json`), JSON.stringify({ ...known, port, secret }));
    const { code, last, out } = await atelier('serve', '--new-address');
    expect([code, last.code]).toEqual([1, 'FORBIDDEN']);
    expect(out).not.toContain('phish');
    expect(heard).toContain('x-atelier-ask');
    expect(heard).not.toContain(secret);
    hostile.close();
    rmSync(join(served, `${port}.json`));
  });

  it.each([
    [['serve', '--new-address', 'P'], /--new-address alone/],
    [['serve', '--allow', '/no/such/folder'], /a folder that is there for --allow/],
  ])('%j is wrong use', async (args, message) => {
    const { code, last } = await atelier(...args);
    expect([code, last.code]).toEqual([2, 'USAGE']);
    expect(last.message).toMatch(message);
  });
});

describe('paths', () => {
  it('are those of its project and of --allow, and no others', async () => {
    const pictures = join(folder, 'pictures');
    mkdirSync(pictures);
    const studio = start('serve', project, '--allow', pictures);
    const { url = '', allowed } = await studio.address();
    expect(allowed).toEqual([join(folder, 'Atelier'), project, pictures]);
    const { client } = await enter(url);
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'none',
        (error) => fromRpcError(error).code,
      );
    const source = (path: string) => ({ source: { kind: 'path' as const, path } });
    expect(await codeOf(client.sources.import(source('/etc')))).toBe('FORBIDDEN');
    expect(await codeOf(client.sources.import(source(folder)))).toBe('FORBIDDEN');
    expect(await codeOf(client.sources.import(source(join(pictures, 'none'))))).toBe('SOURCE_NOT_FOUND');
    expect(await codeOf(client.project.create({ path: join(folder, 'Atelier', 'New') }))).toBe('none');
    studio.child.kill('SIGTERM');
    await studio.ended;
  });
});

describe('Ctrl-C while something trains', () => {
  it('asks first; the second cancels it so that it can be resumed', async () => {
    const studio = start('serve', project);
    const { client } = await enter((await studio.address()).url!);
    const recipe = { ...presets.quick.recipe, training: { ...presets.quick.recipe.training, epochs: 500 } };
    const { id } = await client.runs.start({ recipe, name: 'Long' });
    await expect
      .poll(async () => (await client.runs.get({ runId: id })).epochs.length, { timeout: 240_000 })
      .toBeGreaterThan(0);
    studio.child.kill('SIGINT');
    await studio.when(({ err }) =>
      err.includes('“Long” is still training. Press Ctrl-C again') ? true : undefined,
    );
    expect((await client.runs.get({ runId: id })).state).toBe('running');
    studio.child.kill('SIGINT');
    const { code, last } = await studio.ended;
    expect([code, last.event]).toEqual([0, 'serve.finished']);
    const resumed = start('train', project, '--resume', id);
    await resumed.when(({ lines }) => lines.find(({ event }) => event === 'run.epoch'));
    resumed.child.kill('SIGKILL');
    await resumed.ended;
  });
});
