/** One field of a recipe set by its path; for its two uses see cli/cli.test.ts and learning/search/space.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Json } from '#contract/errors.ts';
import { presets } from './presets.ts';
import { setField, setOptions, withFields } from './path.ts';

const recipe = (): Json => ({
  name: 'A',
  augmentation: [{ kind: 'crop', padding: 2 }],
  training: { epochs: 3, optimizer: { kind: 'sgd', momentum: 0.9 }, earlyStopping: null },
});
const after = (path: string, value: Json) => {
  const changed = recipe() as { augmentation: Json[]; training: Record<string, Json> };
  setField(changed as Json, path, value);
  return changed;
};

describe('a field', () => {
  it('is set, a copy of what was given', () => {
    const schedule = { kind: 'cosine' };
    const { training } = after('training.schedule', schedule);
    expect(training['schedule']).toEqual(schedule);
    expect(training['schedule']).not.toBe(schedule);
    expect(after('training.epochs', 5).training['epochs']).toBe(5);
  });

  it('of another kind takes nothing of the one before; of the same kind all', () => {
    expect(after('training.optimizer.kind', 'adam').training['optimizer']).toEqual({ kind: 'adam' });
    expect(after('training.optimizer.kind', 'sgd').training['optimizer']).toEqual({
      kind: 'sgd',
      momentum: 0.9,
    });
  });

  it('of what is off turns it on', () => {
    expect(after('training.earlyStopping.patience', 4).training['earlyStopping']).toEqual({ patience: 4 });
  });

  it('of a list is an entry, or + for one more', () => {
    expect(after('augmentation.0.padding', 4).augmentation).toEqual([{ kind: 'crop', padding: 4 }]);
    expect(after('augmentation.0', { kind: 'noise' }).augmentation).toEqual([{ kind: 'noise' }]);
    expect(after('augmentation.+', { kind: 'noise' }).augmentation).toHaveLength(2);
  });
});

describe('an augmentation named by its kind', () => {
  it('is turned on behind the others, once', () => {
    expect(after('augmentation.noise', 'on').augmentation).toEqual([
      { kind: 'crop', padding: 2 },
      { kind: 'noise' },
    ]);
    expect(after('augmentation.crop', 'on').augmentation).toEqual([{ kind: 'crop', padding: 2 }]);
  });

  it('is set in part, and turned on by that', () => {
    expect(after('augmentation.crop.padding', 4).augmentation).toEqual([{ kind: 'crop', padding: 4 }]);
    expect(after('augmentation.brightness.fraction', 0.3).augmentation).toEqual([
      { kind: 'crop', padding: 2 },
      { kind: 'brightness', fraction: 0.3 },
    ]);
  });

  it('is left out, however often it is there', () => {
    const twice = { augmentation: [{ kind: 'crop' }, { kind: 'noise' }, { kind: 'crop' }] };
    setField(twice, 'augmentation.crop', 'off');
    expect(twice.augmentation).toEqual([{ kind: 'noise' }]);
    expect(after('augmentation.noise', 'off').augmentation).toEqual([{ kind: 'crop', padding: 2 }]);
  });

  it('is neither a number nor a list', () => {
    expect(() => after('augmentation.crop', 0.5)).toThrow(
      'Expected on or off for augmentation.crop, received 0.5. Set a part of it, or add a whole one with augmentation.+.',
    );
    expect(() => setField({ augmentation: 3 }, 'augmentation.crop', 'on')).toThrow('leads nowhere');
  });
});

describe('several fields', () => {
  const { recipe: quick } = presets.quick;
  const changes = { 'training.classWeights': 'balanced', 'augmentation.brightness.probability': 1 };

  it('are set in a copy, and what they do not say is as it begins', () => {
    const { augmentation, training } = withFields(quick, changes);
    expect(training.classWeights).toEqual({ kind: 'balanced' });
    expect(augmentation.at(-1)).toEqual({ kind: 'brightness', probability: 1, fraction: 0.2 });
    expect(quick.training.classWeights).toEqual({ kind: 'equal' });
    // What makes no recipe is kept as it is, so that it can be shown.
    expect(withFields(quick, { 'training.epochs': -1 }).training.epochs).toBe(-1);
  });

  it('are words of the command line, in quotes where a shell would take them apart', () => {
    expect(setOptions(changes)).toBe(
      '--set training.classWeights=balanced --set augmentation.brightness.probability=1',
    );
    expect(setOptions({ 'augmentation.+': { kind: 'noise' } })).toBe(
      `--set 'augmentation.+={"kind":"noise"}'`,
    );
  });
});

it.each([
  [
    'training.epochs.kind',
    'Expected a field of the recipe, received the path training.epochs.kind, which leads nowhere in it. Its parts: name, augmentation, training. Lists are counted from 0, as in augmentation.0.probability.',
  ],
  [
    'augmentation.1',
    'Expected an entry of augmentation, received the path augmentation.1, which leads nowhere: it has 0 to 0.',
  ],
  ['augmentation.00', 'Expected an entry of augmentation, received the path augmentation.00'],
  ['augmentation.length', 'Expected an entry of augmentation'],
  ['augmentation.1.padding', 'the path augmentation.1.padding, which leads nowhere'],
  ['augmentation.length.x', 'the path augmentation.length.x, which leads nowhere'],
  ['training.__proto__.polluted', 'the path training.__proto__.polluted, which leads nowhere'],
  ['training.__proto__', 'the path training.__proto__, which leads nowhere'],
  ['constructor', 'the path constructor, which leads nowhere'],
])('%s leads nowhere, and that is said', (path, message) => {
  expect(() => after(path, {})).toThrow(
    expect.objectContaining({ code: 'RECIPE_INVALID', message: expect.stringContaining(message) as string }),
  );
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
