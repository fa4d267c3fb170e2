/** `atelier serve` as a process: its address, fresh addresses from elsewhere, what it allows, and its end while something trains. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRpcError } from '#contract/rpc.ts';
import { clientOf, openSocket, sessionIn } from '#engine/serve/testing.ts';
import { presets } from '#recipe/presets.ts';
import { TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('cli-serve');
const { folder, project } = commandLine;
const served = join(folder, 'served');

function start(...args: string[]) {
  const process = commandLine.start(...args, '--json');
  return { ...process, address: (number = 1) => process.saw('serving', number) };
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

beforeAll(() => commandLine.buildAndFill());
afterAll(() => commandLine.close());

it('serve: prints an address that works once, and ends at Ctrl-C', async () => {
  const studio = start('serve', project);
  const { url = '' } = await studio.address();
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url)).status).toBe(403);
  expect((await atelier('evaluate', project)).last).toMatchObject({ code: 'PROJECT_LOCKED' });
  studio.child.kill('SIGINT');
  const { code, last, out, err } = await studio.ended;
  expect([code, last.event]).toEqual([0, 'serve.finished']);
  const token = new URL(url).searchParams.get('token')!;
  expect(out.split(token)).toHaveLength(2);
  expect(err).not.toContain(token);
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
