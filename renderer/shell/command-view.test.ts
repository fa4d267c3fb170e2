import { describe, expect, it } from 'vitest';
import type { Command } from '../commands/command.ts';
import { Commands } from '../commands/commands.svelte.ts';
import { CommandView } from './command-view.svelte.ts';

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
  const view = new CommandView(new Commands({ room: 'data' }, { project: null }), store);
  return { view, done, command, store };
}

describe('the command palette', () => {
  it('does what was taken once it is gone, and remembers it first, also in the next window', () => {
    const { view, done, command, store } = bench();
    view.show('palette');
    view.take(command('a'));
    expect([view.open, done]).toEqual([null, []]);
    view.gone();
    view.gone();
    view.take(command('b'));
    view.gone();
    view.take(command('a'));
    view.gone();
    expect(done).toEqual(['a', 'b', 'a']);
    expect(view.recent).toEqual(['a', 'b']);
    expect(bench(store.kept).view.recent).toEqual(['a', 'b']);
  });

  it('stays, and does and remembers nothing, where it cannot be done', () => {
    const { view, done, command } = bench();
    view.show('palette');
    view.take(command('a', 'Not now'));
    view.gone();
    expect([view.open, done, view.recent]).toEqual(['palette', [], []]);
  });

  it('begins anew where what was kept is no list of names', () => {
    expect(bench('{"a":1}').view.recent).toEqual([]);
    expect(bench('[1]').view.recent).toEqual([]);
    expect(bench('no JSON').view.recent).toEqual([]);
  });
});
