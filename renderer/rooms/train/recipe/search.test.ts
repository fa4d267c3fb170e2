import { describe, expect, it } from 'vitest';
import { find, matches } from './search.ts';
import { sectionIds, sections } from './sections.ts';
import { settingWords } from './words/settings.ts';

const hits = (query: string) => [...(find(query)?.hits ?? [])].sort();

describe('searching settings', () => {
  it.each([
    ['lr', 'training.learningRate'],
    ['learning r', 'training.learningRate'],
    ['EMA', 'training.weightAveraging'],
    ['xavier', 'model.initialiser'],
    ['bf16', 'training.precision'],
    ['finetune', 'origin'],
    ['std', 'preprocessing.normalisation.deviation'],
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
    expect([...find('deviation')!.shown]).toContain('preprocessing.normalisation');
    expect([...find('normalisation')!.shown]).toContain('preprocessing.normalisation.mean');
    for (const query of ['freeze', 'frozen']) {
      expect(hits(query)).toContain('training.frozenLayers');
      expect([...find(query)!.shown]).toContain('origin');
    }
  });

  it('shows all of a section that is named', () => {
    expect([...find('tuning')!.shown]).toEqual(sections.optimizer.settings);
    expect([...find('command line')!.sections]).toEqual(['json']);
  });

  it('looks at beginnings of words only', () => {
    expect(matches('rate', 'Learning rate')).toBe(true);
    expect(matches('ate', 'Learning rate')).toBe(false);
    expect(matches('rate epochs', 'Learning rate,epochs')).toBe(false);
    expect(matches('', 'Learning rate')).toBe(false);
  });
});

it('each setting stands in exactly one section', () => {
  const placed = sectionIds.flatMap((id) => sections[id].settings);
  expect([...placed].sort()).toEqual(
    Object.keys(settingWords)
      .filter((path) => path !== 'name')
      .sort(),
  );
});
