import { describe, expect, it, vi } from 'vitest';
import type { ModelSummary } from '#recipe/model-summary.ts';
import { Draft } from './draft.svelte.ts';
import { type Answers, changeOf, projectOf, recipeOf, TestStudio } from './testing.ts';

const recipe = (name: string, epochs: number) => recipeOf(name, { epochs });
const summary: ModelSummary = {
  ...{ layers: [], parameters: 1, multiplyAdds: 1, parameterBudget: 9, withinBudget: true },
};

/** What the browser keeps. */
function storage(entries: Record<string, string> = {}) {
  return {
    entries,
    getItem: (key: string) => entries[key] ?? null,
    setItem: (key: string, value: string) => void (entries[key] = value),
  };
}

async function started(store = storage(), project: { id: string } | null = null): Promise<Draft> {
  const answers: Answers = {
    recipes: {
      backbones: async () => [],
      presets: async () => ({
        presets: [
          { preset: 'seed', about: '', recipe: recipe('Seed', 12) },
          { preset: 'auto', about: '', recipe: recipe('Auto', 14) },
        ],
      }),
      summarise: async () => summary,
    },
  };
  const draft = new Draft(new TestStudio(answers, project && projectOf(project)), store);
  await draft.read();
  return draft;
}

describe('the draft', () => {
  it('starts as the auto preset, unchanged', async () => {
    const draft = await started();
    expect(draft.preset).toBe('auto');
    expect(draft.edited).toBe(false);
    expect(draft.canUndo).toBe(false);
  });

  it('knows what was changed, and puts it back', async () => {
    const draft = await started();
    draft.edit((next) => (next.training.epochs = 3));
    draft.edit((next) => (next.training.optimizer = { kind: 'sgd', momentum: 0.5, nesterov: true }));
    expect(draft.changes.map(({ path, before, after }) => [path, before, after])).toEqual([
      ['training.optimizer.momentum', 0.9, 0.5],
      ['training.epochs', 14, 3],
    ]);
    expect(draft.changed('training.optimizer')).toHaveLength(1);
    draft.revert(['training.optimizer']);
    expect(draft.changes.map(({ path }) => path)).toEqual(['training.epochs']);
    draft.revert(['training.epochs', 'model.layers']);
    expect(draft.edited).toBe(false);
    expect(draft.recipe).toEqual(recipe('Auto', 14));
  });

  it('sets several fields as one step, and says what that changed', async () => {
    const draft = await started();
    const fields = { 'training.classWeights': 'balanced', 'augmentation.brightness.fraction': 0.3 };
    expect(draft.setAll(fields).map(({ path }) => path)).toEqual(['augmentation', 'training.classWeights']);
    expect(draft.recipe?.augmentation.at(-1)).toEqual({
      kind: 'brightness',
      probability: 0.5,
      fraction: 0.3,
    });
    expect(draft.setAll(fields)).toEqual([]);
    draft.undo();
    expect([draft.edited, draft.canUndo]).toEqual([false, false]);
    // An earlier recipe with changes is one step as well.
    draft.take(recipe('Mine', 2), { 'training.epochs': 4 });
    expect([draft.base?.training.epochs, draft.recipe?.training.epochs]).toEqual([2, 4]);
    draft.undo();
    expect(draft.preset).toBe('auto');
  });

  it('does not count an edit that changes nothing', async () => {
    const draft = await started();
    draft.edit((next) => (next.training.epochs = 14));
    expect(draft.canUndo).toBe(false);
  });

  it('takes steps back and brings them again, a change of preset among them', async () => {
    const draft = await started();
    draft.edit((next) => (next.training.epochs = 3));
    draft.choose('seed');
    draft.edit((next) => next.augmentation.push({ kind: 'vertical-flip', probability: 0.5 }));
    draft.undo();
    expect(draft.recipe).toEqual(recipe('Seed', 12));
    draft.undo();
    expect([draft.preset, draft.recipe?.training.epochs]).toEqual(['auto', 3]);
    draft.undo();
    expect(draft.edited).toBe(false);
    draft.redo();
    draft.redo();
    draft.redo();
    expect(draft.recipe?.augmentation).toHaveLength(1);
    expect(draft.canRedo).toBe(false);
  });

  it('takes JSON: the same recipe as an edit, another one as a start', async () => {
    const draft = await started();
    expect(draft.paste(JSON.stringify(recipe('Auto', 2)))).toBeNull();
    expect([draft.preset, draft.changes.length]).toEqual(['auto', 1]);
    expect(draft.paste(JSON.stringify(recipe('Mine', 2)))).toBeNull();
    expect([draft.preset, draft.edited, draft.base?.name]).toEqual([null, false, 'Mine']);
    expect(draft.paste('{')).toMatch(/^This is no JSON/);
    expect(draft.paste('{"name":1}')).toContain('name: ');
    expect(draft.recipe?.name).toBe('Mine');
  });
});

describe('a draft that was left', () => {
  const a = { id: 'a' };

  it('is there again with what it started from, in its own project alone', async () => {
    const store = storage();
    const left = await started(store, a);
    left.choose('seed');
    left.edit((next) => (next.training.epochs = 3));
    const again = await started(store, a);
    expect([again.preset, again.recipe?.training.epochs, again.base?.training.epochs]).toEqual([
      'seed',
      3,
      12,
    ]);
    expect(again.canUndo).toBe(false);
    const other = await started(store, { id: 'b' });
    expect([other.preset, other.edited]).toEqual(['auto', false]);
    expect((await started(store)).preset).toBe('auto');
  });

  it('follows undo, and an unchanged preset is the one of today', async () => {
    const store = storage();
    const left = await started(store, a);
    left.choose('seed');
    left.edit((next) => (next.training.epochs = 3));
    left.undo();
    store.entries['atelier.drafts'] = store.entries['atelier.drafts']!.replaceAll(
      '"epochs":12',
      '"epochs":11',
    );
    const again = await started(store, a);
    expect([again.preset, again.recipe]).toEqual(['seed', recipe('Seed', 12)]);
  });

  it('of a recipe of one’s own stays, changed or not; what is no recipe is passed over', async () => {
    const store = storage();
    (await started(store, a)).take(recipe('Mine', 2));
    expect((await started(store, a)).recipe).toEqual(recipe('Mine', 2));
    store.entries['atelier.drafts'] = store.entries['atelier.drafts']!.replaceAll(
      '"epochs":2',
      '"epochs":-2',
    );
    expect((await started(store, a)).preset).toBe('auto');
  });

  it('gives way when another project is opened', async () => {
    const store = storage();
    const draft = await started(store, a);
    draft.edit((next) => (next.training.epochs = 3));
    draft.reset();
    expect([draft.recipe?.training.epochs, draft.canUndo]).toEqual([3, false]);
    store.entries['atelier.drafts'] = '[]';
    draft.reset();
    expect([draft.preset, draft.edited]).toEqual(['auto', false]);
  });
});

describe('the presets', () => {
  it('are asked for once where labels are given one after another, and not for what another project had', async () => {
    vi.useFakeTimers();
    try {
      let train = 0;
      let asked = 0;
      const late: (() => void)[] = [];
      const answers: Answers = {
        recipes: {
          backbones: async () => [],
          presets: () => {
            asked += 1;
            const auto = recipe(`Auto of ${train}`, 1);
            return new Promise((resolve) =>
              late.push(() => resolve({ presets: [{ preset: 'auto', about: '', recipe: auto }] })),
            );
          },
          summarise: async () => summary,
        },
      };
      const studio = new TestStudio(answers);
      const count = (now: number) => {
        train = now;
        studio.project = projectOf({ counts: { total: 9, train } });
      };
      count(0);
      const draft = new Draft(studio, storage());
      const first = draft.read();
      late.shift()!();
      await first;
      for (let now = 1; now <= 5; now += 1) {
        count(now);
        draft.receive({ event: 'counts.changed', change: changeOf(studio.project!) });
      }
      await vi.advanceTimersByTimeAsync(2000);
      expect(asked).toBe(2);
      count(6);
      const second = draft.read();
      late.pop()!();
      await second;
      late.pop()!();
      await vi.advanceTimersByTimeAsync(0);
      expect(draft.recipe?.name).toBe('Auto of 6');
    } finally {
      vi.useRealTimers();
    }
  });
});
