import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { findCommands } from './find.ts';

const command = (id: string, label: string, aliases = ''): Command => ({ id, label, aliases, run: () => {} });
const list = [
  command('redraw', 'Redraw parts', 'split seed'),
  command('export', 'Export labels as CSV', 'save table'),
  command('exclude', 'Exclude images', 'reject'),
  command('import', 'Import images', 'folder'),
  command('compare', 'Compare parts of a run'),
];
const found = (query: string, recent: string[] = [], cannot: string[] = []) =>
  findCommands(list, query, recent, ({ id }) => !cannot.includes(id)).map(({ id }) => id);

describe('finding a command', () => {
  it('takes words in any order, in the label before its other words', () => {
    expect(found('images import')).toEqual(['import']);
    expect(found('csv export')).toEqual(['export']);
    expect(found('parts')).toEqual(['redraw', 'compare']);
    expect(found('table')).toEqual(['export']);
    expect(found('export table')).toEqual(['export']);
    expect(found('nothing of this')).toEqual([]);
  });

  it('puts beginnings of words before what stands within them', () => {
    expect(found('port')).toEqual(['export', 'import']);
    expect(found('im')).toEqual(['import', 'exclude']);
    const [queue, go] = [command('queue', 'Show queue: Training images'), command('go', 'Go to Train')];
    expect(findCommands([queue, go], 'train', [], () => true)).toEqual([go, queue]);
  });

  it('shows all where nothing is typed: those used last in front, those that cannot be done at the end', () => {
    expect(found('')).toEqual(list.map(({ id }) => id));
    expect(found('', ['import', 'export'])).toEqual(['import', 'export', 'redraw', 'exclude', 'compare']);
    expect(found('', ['import'], ['import'])).toEqual(['redraw', 'export', 'exclude', 'compare', 'import']);
    expect(found('images', ['import'])).toEqual(['import', 'exclude']);
  });
});
