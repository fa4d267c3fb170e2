import { describe, expect, it } from 'vitest';
import { augmentationKinds, fieldAt, fieldOfPath, fields, type Kind, kindsAt, layerKinds } from './fields.ts';
import { presets } from './presets.ts';

const kinds: [string, Kind][] = fields.flatMap(({ path, value }) =>
  value.type === 'kind' || value.type === 'list'
    ? Object.values(value.kinds).map((kind): [string, Kind] => [`${path} ${kind.kind}`, kind])
    : [],
);
const numbers = [...fields, ...kinds.flatMap(([, kind]) => Object.values(kind.fields))].filter(
  ({ value }) => value.type === 'number',
);

describe('the table of fields', () => {
  it('has labels and sentences for everything', () => {
    for (const { label, help } of fields) {
      expect(label).toMatch(/^[A-Z].*[^.]$/);
      expect(help).toMatch(/\S/);
    }
    for (const [, kind] of kinds) {
      expect(kind.label).toMatch(/^[A-Z].*[^.]$/);
      expect(kind.help).toMatch(/^[A-Z].*\.$/);
    }
  });

  it.each(kinds.filter(([, { kind }]) => kind !== 'imported' && kind !== 'custom'))(
    '%s begins by itself, with a value for each of its fields',
    (_, { kind, initial, fields: own }) => {
      expect(initial).not.toBeNull();
      expect(Object.keys(initial!).sort()).toEqual(['kind', ...Object.keys(own)].sort());
      expect(initial!.kind).toBe(kind);
    },
  );

  it('what cannot begin by itself is made elsewhere: imported layers by a file, class weights by the classes', () => {
    const without = kinds.filter(([, { initial }]) => initial === null).map(([path]) => path);
    expect(without).toEqual(['model.layers imported', 'training.classWeights custom']);
    expect(Object.values(layerKinds).filter(({ group }) => group === undefined)).toHaveLength(1);
    expect(Object.values(augmentationKinds).filter(({ group }) => group === undefined)).toHaveLength(0);
  });

  it.each(numbers.map((field) => [field.path || field.label, field] as const))(
    '%s: span, search and what it begins with are within its bounds',
    (_, { value, span, search, valueWhenEnabled, initial }) => {
      const { min = -Infinity, max = Infinity } = value.type === 'number' ? value.bounds : {};
      const range = Array.isArray(search) ? (search as number[]) : [];
      for (const one of [...(span ?? []), ...range, valueWhenEnabled, initial])
        if (typeof one === 'number') expect([one >= min, one <= max]).toEqual([true, true]);
    },
  );

  it('every optional field can be switched on, but the backbone, which is chosen by name', () => {
    const optional = fields
      .filter(({ optional, valueWhenEnabled }) => optional && valueWhenEnabled === undefined)
      .map(({ path }) => path);
    expect(optional).toEqual(['model.backbone']);
  });

  it('reads bounds, lengths and choices from the schema, through defaults and nulls', () => {
    const value = (path: string) => fieldAt(path)?.field.value;
    expect(value('training.learningRate')).toEqual({
      type: 'number',
      bounds: { min: 0, aboveMin: true, max: 100 },
    });
    expect(value('training.weightAveraging')).toEqual({ type: 'number', bounds: { min: 0, max: 0.99999 } });
    expect(value('training.earlyStopping.patience')).toEqual({
      type: 'number',
      bounds: { min: 1, max: 1000, whole: true },
    });
    expect(value('preprocessing.channels')).toEqual({ type: 'choice', values: [1, 3] });
    expect(value('training.linearProbe')).toEqual({ type: 'switch' });
    expect(value('model.layers')).toMatchObject({ type: 'list', most: 64 });
    expect(value('augmentation')).toMatchObject({ type: 'list', most: 32 });
    expect(value('model.layers.0.kernel')).toEqual({
      type: 'number',
      bounds: { min: 1, max: 11, whole: true },
    });
  });

  it('finds fields of kinds, by the recipe where it is given', () => {
    const recipe = presets.quick.recipe;
    expect(fieldAt('training.optimizer.beta2')?.of?.label).toBe('Adam');
    expect(fieldAt('training.optimizer.beta2', recipe)?.of?.label).toBe('Muon');
    expect(fieldAt('training.optimizer.beta1', recipe)).toBeNull();
    expect(fieldAt('augmentation.1.padding', recipe)).toMatchObject({ index: 1, of: { kind: 'crop' } });
    expect(fieldAt('augmentation.1.degrees', recipe)).toBeNull();
    for (const path of ['training.nothing', 'training', 'nothing', '', 'augmentation.0.padding.more'])
      expect(fieldAt(path)).toBeNull();
  });

  it('tells a kind by its path', () => {
    expect(Object.keys(kindsAt('training.loss'))).toEqual(['cross-entropy', 'focal']);
    expect(fieldOfPath('training.loss').initial).toEqual({ kind: 'cross-entropy' });
  });
});
