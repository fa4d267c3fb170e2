import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Class } from '#contract/project.ts';
import {
  type Answers,
  classOf as madeClass,
  itemOf,
  projectOf,
  recipeOf,
  TestStudio,
} from '../../../state/testing.ts';
import { Preview } from './preview.svelte.ts';

const classOf = (id: number, train: number): Class => madeClass(id, `class ${id}`, train);
const recipe = (degrees: number) => ({
  ...recipeOf('Quick'),
  augmentation: [{ kind: 'rotation' as const, probability: 1, degrees }],
});

function view(classes: Class[]) {
  const asked: { itemIds: number[]; seed: number }[] = [];
  const state = { refuse: null as AtelierError | null };
  const answers: Answers = {
    items: {
      list: async ({ filter, limit }) => ({
        total: limit,
        items: Array.from({ length: limit }, (_, index) => itemOf(filter.classIds![0]! * 10 + index)),
      }),
    },
    recipes: {
      preview: async (input) => {
        asked.push(input);
        if (state.refuse) throw state.refuse;
        return { before: ['before'], after: [[`after ${asked.length}`]] };
      },
    },
  };
  return { preview: new Preview(new TestStudio(answers, projectOf({ classes }))), asked, state };
}

describe('a preview of augmentations', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const settled = () => vi.advanceTimersByTimeAsync(300);

  it('shows training images of all classes in turn', async () => {
    const { preview, asked } = view([
      classOf(1, 5),
      classOf(2, 0),
      classOf(3, 5),
      classOf(4, 5),
      classOf(5, 1),
    ]);
    preview.want(recipe(10));
    await settled();
    expect(asked[0]!.itemIds).toEqual([10, 30, 40, 50, 11, 31]);
    expect([preview.rows, preview.busy]).toEqual([[['before'], ['after 1']], false]);
  });

  it('is drawn once the settings rest, and not for what changes no picture', async () => {
    const { preview, asked } = view([classOf(1, 5)]);
    preview.want(recipe(10))();
    preview.want(recipe(20));
    await settled();
    expect(asked).toHaveLength(1);
    const longer = { ...recipe(20), training: { ...recipe(20).training, epochs: 9 } };
    preview.want(longer);
    await settled();
    expect(asked).toHaveLength(1);
    preview.again();
    preview.want(recipe(20));
    await settled();
    expect(asked.map(({ seed }) => seed)).toEqual([1, 2]);
  });

  it('waits for images, and asks again after a failure', async () => {
    const none = view([classOf(1, 0)]);
    none.preview.want(recipe(10));
    await settled();
    expect([none.preview.empty, none.asked]).toEqual([true, []]);

    const { preview, state } = view([classOf(1, 5)]);
    state.refuse = new AtelierError('RECIPE_INVALID', 'No.');
    preview.want(recipe(10));
    await settled();
    expect([preview.fault?.code, preview.busy]).toEqual(['RECIPE_INVALID', false]);
    state.refuse = null;
    preview.want(recipe(10));
    await settled();
    expect([preview.fault, preview.rows.length]).toEqual([null, 2]);
  });
});
