import { describe, expect, it } from 'vitest';
import type { Command } from '../commands/command.ts';
import { Commands } from '../commands/commands.svelte.ts';
import { CommandDesk } from './command-desk.svelte.ts';

function bench(kept: string | null = null) {
  const done: string[] = [];
  const command = (id: string, can: true | string = true): Command => ({
    id,
    label: `Do ${id}`,
    when: () => can,
    run: () => done.push(id),
  });
  const store = {
    kept,
    getItem: () => store.kept,
    setItem: (_: string, text: string) => (store.kept = text),
  };
  const desk = new CommandDesk(new Commands({ room: 'data' }, { project: null }), store);
  return { desk, done, command, store };
}

describe('the command palette', () => {
  it('does what was taken once it is gone, and remembers it first, also in the next window', () => {
    const { desk, done, command, store } = bench();
    desk.show('palette');
    desk.take(command('a'));
    expect([desk.open, done]).toEqual([null, []]);
    desk.gone();
    desk.gone();
    desk.take(command('b'));
    desk.gone();
    desk.take(command('a'));
    desk.gone();
    expect(done).toEqual(['a', 'b', 'a']);
    expect(desk.recent).toEqual(['a', 'b']);
    expect(bench(store.kept).desk.recent).toEqual(['a', 'b']);
  });

  it('stays, and does and remembers nothing, where it cannot be done', () => {
    const { desk, done, command } = bench();
    desk.show('palette');
    desk.take(command('a', 'Not now'));
    desk.gone();
    expect([desk.open, done, desk.recent]).toEqual(['palette', [], []]);
  });

  it('begins anew where what was kept is no list of names', () => {
    expect(bench('{"a":1}').desk.recent).toEqual([]);
    expect(bench('[1]').desk.recent).toEqual([]);
    expect(bench('no JSON').desk.recent).toEqual([]);
  });
});
