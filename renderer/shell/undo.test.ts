import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Room } from '../state/navigation.svelte.ts';
import { projectOf } from '../state/testing.ts';
import { Undo } from './undo.svelte.ts';

const done: string[] = [];
const doing = (name: string) =>
  vi.fn(() => {
    done.push(name);
    return Promise.resolve();
  });
const navigation: { room: Room } = { room: 'label' };
const draft = { canUndo: true, canRedo: false, undo: doing('recipe back'), redo: doing('recipe again') };
const labels = { saving: false, undo: doing('labels back'), redo: doing('labels again') };
const studio = { project: projectOf({ undo: 'Label 3 images', redo: 'Label 1 image' }) };
const undo = new Undo({ navigation, draft, labels, studio });

beforeEach(() => void (done.length = 0));

describe('undo', () => {
  it('takes back labels where they are seen, and says which', () => {
    navigation.room = 'label';
    expect([undo.past, undo.future]).toEqual(['Label 3 images', 'Label 1 image']);
    undo.undo();
    undo.redo();
    expect(done).toEqual(['labels back', 'labels again']);
  });

  it('waits for a label that is on its way to the disk', () => {
    navigation.room = 'label';
    studio.project.undo = null;
    expect(undo.canUndo).toBe(false);
    labels.saving = true;
    expect([undo.canUndo, undo.canRedo]).toEqual([true, true]);
    navigation.room = 'train';
    draft.canUndo = false;
    expect(undo.canUndo).toBe(false);
    draft.canUndo = true;
    labels.saving = false;
  });

  it('takes back changes of the recipe in Train, and never a label', () => {
    navigation.room = 'train';
    expect([undo.past, undo.future]).toEqual(['Change of the recipe', null]);
    draft.canUndo = false;
    expect(undo.past).toBeNull();
    undo.undo();
    undo.redo();
    expect(done).toEqual(['recipe back', 'recipe again']);
  });
});
