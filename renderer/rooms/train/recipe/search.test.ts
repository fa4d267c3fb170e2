import { describe, expect, it } from 'vitest';
import { fields } from '#recipe/fields.ts';
import { find } from './search.ts';
import { sectionIds, settingsIn } from './settings.ts';

const hits = (query: string) => [...(find(query)?.hits ?? [])].sort();

describe('searching settings', () => {
  it.each([
    ['lr', 'training.learningRate'],
    ['learning r', 'training.learningRate'],
    ['EMA', 'training.weightAveraging'],
    ['xavier', 'model.initialiser'],
    ['bf16', 'training.precision'],
    ['finetune', 'origin'],
    ['std', 'preprocessing.normalisation'],
    ['early-stopping', 'training.earlyStopping'],
    ['earlystopping', 'training.earlyStopping'],
    ['Lion', 'training.optimizer'],
    ['beta', 'training.optimizer'],
    ['one cycle', 'training.schedule'],
    ['focal', 'training.loss'],
    ['top 5', 'training.topK'],
    ['flip', 'augmentation'],
    ['mixup', 'augmentation'],
    ['squeeze', 'model.layers'],
  ])('%s finds %s', (query, path) => {
    expect(hits(query)).toContain(path);
  });

  it('finds L2 and regularisation wherever they are', () => {
    expect(hits('L2')).toEqual(['model.l2', 'training.weightDecay']);
    expect(hits('regularization')).toEqual(hits('regularisation'));
    expect(hits('regularisation')).toEqual([
      'augmentation',
      'model.l1',
      'model.l2',
      'model.layers',
      'training.earlyStopping',
      'training.labelSmoothing',
      'training.weightDecay',
    ]);
  });

  it('opens what matches and nothing else', () => {
    expect([...find('batch size')!.sections]).toEqual(['length']);
    expect([...find('flip')!.sections]).toEqual(['augmentation']);
    expect(find('zzzz')!.sections.size).toBe(0);
    expect(find('  ')).toBeNull();
  });

  it('shows the control that a found one hangs on, and those that hang on it', () => {
    expect([...find('patience')!.shown]).toContain('training.earlyStopping');
    for (const query of ['freeze', 'frozen']) {
      expect(hits(query)).toContain('training.frozenLayers');
      expect([...find(query)!.shown]).toContain('origin');
    }
  });

  it('shows all of a section that is named', () => {
    expect([...find('tuning')!.shown]).toEqual(settingsIn('optimizer'));
    expect([...find('command line')!.sections]).toEqual(['json']);
  });
});

it('each field of the recipe but its name stands in exactly one section, inside of its group if it is part of one', () => {
  const placed = sectionIds.flatMap(settingsIn);
  expect(new Set(placed).size).toBe(placed.length);
  const grouped = fields.flatMap(({ value }) => (value.type === 'group' ? value.fields : []));
  const all = fields.filter((field) => field.path !== 'name' && !grouped.includes(field));
  expect([...placed].sort()).toEqual(['origin', ...all.map(({ path }) => path)].sort());
});
