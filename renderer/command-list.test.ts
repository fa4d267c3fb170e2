/** What every command of the window keeps to: found, told apart, and nothing done where it cannot be. The guide lists their keys. */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { menuCommands } from '#contract/menu.ts';
import type { Job } from '#contract/job.ts';
import type { Project } from '#contract/project.ts';
import { type Command, roomOf } from './commands/command.ts';
import { findCommands } from './commands/find.ts';
import { type KeyRow, keySections } from './commands/key-list.ts';
import type { Place } from './commands/place.ts';
import { matches, type Stroke, written } from './commands/shortcut.ts';
import { rooms, roomNames } from './state/navigation.svelte.ts';

/** As much of a browser as the stores ask for when they are made. */
function stubBrowser(): void {
  const store = { getItem: () => null, setItem: () => {} };
  const query = { matches: false, addEventListener: () => {} };
  const frame = { location: { hash: '' }, addEventListener: () => {}, matchMedia: () => query };
  vi.stubGlobal('localStorage', store);
  vi.stubGlobal('window', { ...frame, localStorage: store });
}

const project = {
  id: 'p',
  name: 'Clothes',
  classes: ['Bag', 'Coat', 'Shoe'].map((name, index) => ({
    id: index + 1,
    name,
    key: String(index + 1),
    counts: { total: 3 },
  })),
  sources: [],
  counts: { total: 9, train: 6, validation: 2, test: 1, unlabelled: 0, excluded: 0 },
} as unknown as Project;

/** After the browser is there: the stores are made as they are loaded. */
async function load() {
  stubBrowser();
  const { commands, navigation, studio } = await import('./stores.ts');
  commands.register((await import('./command-list.ts')).commandList);
  return { commands, navigation, studio };
}
let shared: Awaited<ReturnType<typeof load>>;
beforeAll(async () => {
  shared = await load();
});
beforeEach(() => {
  shared.studio.project = project;
  shared.navigation.room = 'data';
});

const all = () => shared.commands.all;
const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  code: /^\d$/.test(key) ? `Digit${key}` : '',
  repeat: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe('every command', () => {
  it('has an id of its own', () => {
    const ids = all().map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(menuCommands)));
    expect(all().length).toBeGreaterThan(100);
  });

  it('says what it does in the imperative, as a sentence without its end', () => {
    for (const { label } of all()) {
      expect(label).toMatch(/^[A-Z]\S*( \S+)*$/);
      expect(label, 'a verb comes first').not.toMatch(
        /^(\w+(ing|ed|ion|[^s]s)|The|An?|New|All|Next|Previous)\b/,
      );
      expect(label).not.toMatch(/[.…]$|Ctrl|Shift\+/);
    }
  });

  it('is told apart from the others of its room by its label', () => {
    for (const room of rooms) {
      const labels = all()
        .filter((one) => [undefined, room].includes(roomOf(one)))
        .map(({ label }) => label);
      expect(labels.filter((label, index) => labels.indexOf(label) !== index)).toEqual([]);
    }
  });

  it('is found in the palette of its room by its label and by its other words', () => {
    for (const room of rooms) {
      shared.navigation.room = room;
      const { here } = shared.commands;
      for (const command of here) {
        const [first] = findCommands(here, command.label, [], () => true);
        expect(first!.id).toBe(command.id);
        const words = command.aliases?.split(' ')[0] ?? command.label;
        expect(findCommands(here, words, [], () => true)).toContain(command);
      }
      for (const command of all())
        if (![undefined, room].includes(roomOf(command))) expect(here).not.toContain(command);
    }
  });

  it('does nothing where it cannot be done, by any way, and says why', () => {
    shared.studio.project = null;
    let blocked = 0;
    for (const command of all()) {
      const reason = shared.commands.reason(command);
      if (reason === null) continue;
      blocked += 1;
      expect(reason).toMatch(/^\S.*[^.]$/);
      const run = vi.spyOn(command, 'run').mockImplementation(() => expect.unreachable(command.id));
      shared.commands.run(command);
      run.mockRestore();
    }
    expect(blocked).toBeGreaterThan(60);
    expect(shared.commands.pressed(stroke('1', { altKey: true }), ['room'])).toBe(false);
  });
});

it('each job that is under way is cancelled by a command of its own, named after it', () => {
  const job = (id: string, title: string, state: string) => ({ id, title, state, kind: 'export' }) as Job;
  const jobs = [
    job('1', 'Train One', 'running'),
    job('2', 'Export Two', 'running'),
    job('3', 'Old', 'finished'),
  ];
  shared.studio.jobs = [...jobs, job('4', 'Evaluate Two', 'queued')];
  const cancel = vi.spyOn(shared.studio, 'cancel').mockResolvedValue();
  const found = all().filter(({ id }) => id.startsWith('job.cancel'));
  expect(found.map(({ label }) => label)).toEqual([
    'Cancel: Train One',
    'Cancel: Export Two',
    'Cancel: Evaluate Two',
  ]);
  shared.commands.run(found[1]!);
  expect(cancel.mock.calls.map(([{ id }]) => id)).toEqual(['2']);
  cancel.mockRestore();
  shared.studio.jobs = [];
});

describe('shortcuts', () => {
  const places: Place[] = ['room', 'nothing', 'images', 'suggestions', 'large', 'recipe'];
  const placesOf = ({ within = ['room'] }: Command) => within;
  /** Where the focus can be in one place of the window at the same time. */
  const meet = (a: Command, b: Command) => {
    const inWindow = (one: Command) => placesOf(one).some((place) => place !== 'large');
    const inLarge = (one: Command) => placesOf(one).includes('large');
    return (inWindow(a) && inWindow(b)) || (inLarge(a) && inLarge(b));
  };

  it('mean one thing in a room', () => {
    for (const room of rooms) {
      const keyed = all().filter((one) => one.shortcuts && [undefined, room].includes(roomOf(one)));
      const double = keyed.flatMap((one, index) =>
        keyed
          .slice(index + 1)
          .filter((other) => meet(one, other) && one.shortcuts!.some((key) => other.shortcuts!.includes(key)))
          .map((other) => `${one.id} and ${other.id}`),
      );
      expect(double).toEqual([]);
    }
  });

  it('leave letters and digits to classes, and the keys of buttons and lists to those', () => {
    for (const command of all()) {
      for (const shortcut of command.shortcuts ?? []) {
        if (/^[A-Z0-9]$/i.test(shortcut)) expect(command.id).toMatch(/\.class-\d+$/);
        if (/^(Enter|Space|Escape|Arrow\w+|Tab|Home|End)$/.test(shortcut))
          expect(placesOf(command)).not.toContain('room');
      }
    }
  });

  it('count nowhere while text is typed or a dialog is open, save in the large image', () => {
    const keys = [stroke('k', { ctrlKey: true }), stroke('?'), stroke('1', { altKey: true }), stroke('1')];
    for (const room of rooms) {
      shared.navigation.room = room;
      for (const key of keys) expect(shared.commands.pressed(key, [])).toBe(false);
      for (const key of keys.slice(0, 3)) expect(shared.commands.pressed(key, ['large'])).toBe(false);
    }
    expect(places.filter((place) => all().some((one) => placesOf(one).includes(place)))).toEqual(places);
  });

  it('do not do it again while the key is held, unless that is meant', () => {
    const go = stroke('3', { altKey: true });
    expect(shared.commands.pressed({ ...go, repeat: true }, ['room'])).toBe(false);
    expect(shared.navigation.room).toBe('data');
    expect(shared.commands.pressed(go, ['room'])).toBe(true);
    expect(shared.navigation.room).toBe('train');
    for (const { id, repeats } of all()) if (/\.class-\d+$/.test(id)) expect(repeats).toBeUndefined();
  });

  it('are written as keys of the system', () => {
    const shown = (shortcut: string) => [written(shortcut, false), written(shortcut, true)];
    expect(shown('Mod+Shift+Z')).toEqual(['Ctrl+Shift+Z', '⇧⌘Z']);
    expect(shown('Alt+ArrowUp')).toEqual(['Alt+↑', '⌥↑']);
    expect(shown('+')).toEqual(['+', '+']);
  });

  it('are the keys they name, with any keyboard', () => {
    expect(matches('Mod+Z', stroke('Z', { ctrlKey: true }))).toBe(true);
    expect(matches('Mod+Z', stroke('z', { metaKey: true, shiftKey: true }))).toBe(false);
    expect(matches('?', stroke('?', { shiftKey: true }))).toBe(true);
    expect(matches('/', stroke('/', { shiftKey: true }))).toBe(true);
    expect(matches('+', stroke('+', { shiftKey: true }))).toBe(true);
    // On a French keyboard digits need Shift.
    expect(matches('Alt+1', stroke('&', { code: 'Digit1', altKey: true }))).toBe(true);
    // AltGr.
    expect(matches('Alt+1', stroke('1', { altKey: true, ctrlKey: true }))).toBe(false);
    expect(matches('a', stroke('A'))).toBe(true);
    expect(matches('a', stroke('a', { ctrlKey: true }))).toBe(false);
    expect(matches('Space', stroke(' '))).toBe(true);
  });
});

it('the guide lists the keys that there are', async () => {
  const line = ({ does, shortcuts, where }: KeyRow) =>
    `| ${does}${where && `, ${where}`} | ${shortcuts.map((one) => `\`${written(one, false)}\``).join(', ')} |`;
  const sections = keySections(all()).map(({ title, rows }) => {
    const lines = ['| What | Keys |', '| --- | --- |', ...rows.map(line)];
    return `## ${title}\n\n${lines.join('\n')}\n`;
  });
  expect(sections.length).toBeGreaterThan(rooms.length);
  const text = `# Keyboard shortcuts

\`?\` shows this list in the window, and \`Ctrl+K\` the command palette, where every command is found by its name.
On macOS \`⌘\` takes the place of \`Ctrl\`. No shortcut counts while text is typed or a dialog is open; an image that
is shown large has some of its room. This page is written by \`npx vitest run renderer/command-list.test.ts -u\`.

${sections.join('\n')}`;
  expect(text).toContain(`## ${roomNames.label}`);
  const { format } = await import('prettier');
  await expect(await format(text, { parser: 'markdown', printWidth: 130 })).toMatchFileSnapshot(
    '../docs/guide/keyboard-shortcuts.md',
  );
});
