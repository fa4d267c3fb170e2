/** Every path of the contract passes the gate, and none of those that a browser must not name gets through. */
import { createRouterClient } from '@orpc/server';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { commands } from '#contract/commands.ts';
import { replacePaths, type TextField, textFields } from '#contract/paths.ts';
import { fromRpcError, oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { allowedFolders, allowedInput, allowedPath, isAllowed } from './paths.ts';
import { type Served, serveStudio } from './serve/index.ts';
import { makeWindow } from './serve/testing-studio.ts';
import { clientOf, logIn, ownSocket } from './serve/testing.ts';
import { createStudio, type Studio } from './studio.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-paths-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');
const allowed = join(folder, 'allowed');
const outside = join(folder, 'outside');

beforeAll(() => {
  for (const made of [join(allowed, 'inner'), join(outside, 'inner')]) mkdirSync(made, { recursive: true });
  writeFileSync(join(outside, 'notes.txt'), 'mine');
  symlinkSync(outside, join(allowed, 'link'));
  symlinkSync(join(outside, 'not-there-yet.zip'), join(allowed, 'dangling.zip'));
  symlinkSync(join(allowed, 'loop-b'), join(allowed, 'loop-a'));
  symlinkSync(join(allowed, 'loop-a'), join(allowed, 'loop-b'));
  symlinkSync(join(allowed, 'inner'), join(outside, 'back'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the gate', () => {
  it.each([
    ['a folder itself', '', ''],
    ['what is below it', 'inner/a.zip', 'inner/a.zip'],
    ['what is not there yet, however deep', 'new/deep/P.atelier', 'new/deep/P.atelier'],
    ['a way that turns back within it', 'inner/../x', 'x'],
    ['a name that begins with dots', '..x', '..x'],
  ])('lets %s through', (_name, given, place) =>
    expect(allowedPath(`${allowed}/${given}`, [allowed])).toBe(join(allowed, place)),
  );

  it('follows a link that leads inside', () =>
    expect(allowedPath(join(outside, 'back', 'x'), [allowed])).toBe(join(allowed, 'inner', 'x')));

  it.each([
    ['the folder above', () => `${allowed}/..`],
    ['a neighbour whose name begins alike', () => `${allowed}-other/x`],
    ['a way out by dots', () => `${allowed}/../outside/notes.txt`],
    ['a link that leads out', () => `${allowed}/link/notes.txt`],
    ['a link that leads out, to what is not there yet', () => `${allowed}/link/new/x.zip`],
    ['a link to nothing, outside', () => `${allowed}/dangling.zip`],
    ['links in a loop', () => `${allowed}/loop-a/x`],
    ['a relative path', () => 'notes.txt'],
    ['the home folder by its sign', () => '~/.bashrc'],
    ['the root', () => '/'],
    ['a path of the system', () => '/etc/passwd'],
    ['a process', () => '/proc/self/root/etc/passwd'],
  ])('refuses %s', (_name, path) => {
    const thrown = (() => {
      try {
        allowedPath(path(), [allowed]);
      } catch (error) {
        return fromRpcError(error);
      }
      return null;
    })();
    expect(thrown).toMatchObject({ code: 'FORBIDDEN', details: { path: path(), allowed: [allowed] } });
    expect(thrown?.message).toMatch(/--allow FOLDER/);
    expect(isAllowed(path(), [allowed])).toBe(false);
  });

  it('says the same whether something is there or not', () => {
    const message = (path: string) => {
      try {
        return allowedPath(path, [allowed]);
      } catch (error) {
        return fromRpcError(error).message.replace(path, 'PATH');
      }
    };
    expect(message(join(outside, 'notes.txt'))).toBe(message(join(outside, 'absent.txt')));
  });

  it('knows the folders of a studio: those for projects, its project, and what was named', () => {
    const project = join(allowed, 'P.atelier');
    const folders = allowedFolders(project, [outside]);
    expect(folders.slice(1)).toEqual([project, outside]);
    expect(folders[0]).toMatch(/Atelier$/);
    for (const missing of [join(folder, 'none'), join(outside, 'notes.txt')])
      expect(() => allowedFolders(null, [missing])).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

/** Commands with their input schema, as `room.name`. */
const inputs = Object.entries(commands as unknown as Record<string, Record<string, object>>).flatMap(
  ([room, all]) =>
    Object.entries(all).flatMap(([name, command]) => {
      const { inputSchema } = (command as { '~orpc': { inputSchema?: z.ZodType } })['~orpc'];
      return inputSchema ? [{ command: [room, name], schema: inputSchema }] : [];
    }),
);
const named = (pick: (field: TextField) => boolean): string[] => [
  ...new Set(
    inputs.flatMap(({ command, schema }) =>
      textFields(schema)
        .filter(pick)
        .map(({ name }) => `${command.join('.')} ${name}`),
    ),
  ),
];

/** An input for each path of the contract; `path` is put into its place. */
const pathInputs: Record<string, (path: string) => unknown> = {
  'project.create path': (path) => ({ path }),
  'project.open path': (path) => ({ path }),
  'sources.inspect source.path': (path) => ({ source: { kind: 'path', path } }),
  'sources.import source.path': (path) => ({ source: { kind: 'path', path } }),
  'sources.relink path': (path) => ({ sourceId: 1, path }),
  'runs.inspect image.path': (path) => ({ runId: 'run-1', image: { kind: 'path', path } }),
  'explanations.explain image.path': (path) => ({
    runId: 'run-1',
    image: { kind: 'path', path },
    method: 'grad-cam',
  }),
  'explanations.nearest image.path': (path) => ({ runId: 'run-1', image: { kind: 'path', path }, count: 1 }),
  'predictions.predict image.path': (path) => ({ runId: 'run-1', image: { kind: 'path', path } }),
  'splits.group table.path': (path) => ({
    by: { lookAlikes: true, key: { kind: 'none' } },
    table: { kind: 'path', path },
  }),
  'splits.draw table.path': (path) => ({ validationShare: 0.2, seed: 1, table: { kind: 'path', path } }),
  'exports.start path': (path) => ({ runId: 'run-1', path }),
};

describe('the contract', () => {
  it('marks every path: a text that is none is known by its name, and a new one must be looked at here', () => {
    /** What texts of commands are, where they are no path of the machine. */
    const words = /(^|\.)(name|note|text|uploadId|separator|reason|label|excluded|pattern|column)$/;
    // Ids of damaged runs and studies may be anything; folders are only those whose names have the form of an id.
    const ids = ['runs.delete runId', 'studies.delete studyId'];
    // Compared with the names of a project's images; no file is opened by it.
    const names = ['labels.apply rows.*.path'];
    /** Ids, fields of a recipe and the like have a form that no path with a folder fits, or stand within a recipe. */
    const formed = ({ name, schema }: TextField) =>
      /(^|\.)(recipe|plan|options)(\.|$)/.test(name) ||
      !schema.safeParse('/etc/passwd').success ||
      words.test(name);
    expect(named((field) => !field.isPath && !formed(field))).toEqual([...names, ...ids]);
  });

  it('has an input here for every path in it', () =>
    expect(named(({ isPath }) => isPath).sort()).toEqual(Object.keys(pathInputs).sort()));

  it.each(Object.keys(pathInputs))('has %s checked', (name) => {
    const command = name.split(' ')[0]!.split('.');
    const input = (path: string) => allowedInput(command, pathInputs[name]!(path), [allowed]);
    expect(() => input('/etc/passwd')).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    const suffix = name.startsWith('project.') ? '.atelier' : '';
    expect(input(join(allowed, 'link/../x'))).toEqual(pathInputs[name]!(join(allowed, `x${suffix}`)));
  });

  it.each(['create', 'open'])('has the suffix that %s gives a project checked too', (name) => {
    const input = (path: string) => allowedInput(['project', name], { path }, [allowed]);
    symlinkSync(outside, join(allowed, `${name}.atelier`));
    mkdirSync(`${allowed}.atelier`, { recursive: true });
    for (const path of [allowed, `${allowed}/.`, join(allowed, name), join(allowed, `${name}.atelier`)])
      expect(() => input(path)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  it('lets a project be opened whose folder lacks the suffix', () => {
    const bare = join(allowed, 'bare');
    mkdirSync(bare);
    writeFileSync(join(bare, 'project.sqlite'), '');
    expect(allowedInput(['project', 'open'], { path: bare }, [bare])).toEqual({ path: bare });
    expect(() => allowedInput(['project', 'create'], { path: bare }, [bare])).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
  });

  it('leaves what is of the wrong shape for the schema to refuse, and finds a path beside it', () => {
    const { schema } = inputs.find(({ command }) => command.join('.') === 'sources.import')!;
    const replace = () => 'REPLACED';
    for (const odd of [undefined, null, 7, 'x', [], { source: 7 }, { source: [] }, { path: 'a' }])
      expect(replacePaths(schema, odd, replace)).toEqual(odd);
    expect(replacePaths(schema, { source: { kind: 'upload', path: 'a', more: 1 } }, replace)).toEqual({
      source: { kind: 'upload', path: 'REPLACED', more: 1 },
    });
  });
});

describe('a browser of the served studio', () => {
  const { rendererFolder, remove } = makeWindow();
  let studio: Studio;
  let server: Served;
  let own: StudioClient;
  let browser: StudioClient;

  beforeAll(async () => {
    studio = createStudio({ desktop: false, version: '0.0.0-test', allowedFolders: [allowed] });
    own = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
    server = await serveStudio(studio, { rendererFolder });
    browser = clientOf(await ownSocket(server, await logIn(server)));
    await own.project.create({ path: join(outside, 'Own.atelier') });
    await own.project.create({ path: join(allowed, 'Open.atelier') });
  });
  afterAll(async () => {
    await server.close();
    await studio.close();
    remove();
  });

  it.each(Object.keys(pathInputs))('is refused a path outside by %s', async (name) => {
    const [room = '', command = ''] = name.split(' ')[0]!.split('.');
    const call = (browser as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[
      room
    ]![command]!;
    for (const path of [
      '/etc',
      join(outside, 'notes.txt'),
      join(allowed, 'link', 'x.zip'),
      join(allowed, 'dangling.zip'),
      join(outside, 'Own.atelier'),
    ]) {
      const error = await call(pathInputs[name]!(path)).then(() => null, fromRpcError);
      expect(error?.code).toBe('FORBIDDEN');
    }
    expect(readFileSync(join(outside, 'notes.txt'), 'utf8')).toBe('mine');
    expect(existsSync(join(outside, 'not-there-yet.zip'))).toBe(false);
  });

  it('makes and opens projects inside, and is told which folders are', async () => {
    expect((await browser.studio.about()).allowedFolders).toEqual([allowed]);
    const made = await browser.project.create({ path: join(allowed, 'new', 'Made.atelier') });
    expect(made.path).toBe(join(allowed, 'new', 'Made.atelier'));
    expect((await browser.project.open({ path: join(allowed, 'Open.atelier') })).name).toBe('Open');
  });

  it('sees only recent projects that it may open', async () => {
    const paths = (await browser.studio.recent()).map(({ path }) => path);
    expect(paths).toContain(join(allowed, 'Open.atelier'));
    expect(paths).not.toContain(join(outside, 'Own.atelier'));
  });
});
