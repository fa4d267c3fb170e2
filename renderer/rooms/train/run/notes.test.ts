import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Run } from '#contract/run.ts';
import { Notes } from './notes.svelte.ts';

let connected: boolean;
let kept: Record<string, string>;
const studio = { project: { id: 'p' } };
const setNote = vi.fn((id: string, note: string) => {
  if (connected) kept[`${studio.project.id} ${id}`] = note;
  return Promise.resolve(connected);
});
const get = (id: string) =>
  id === 'gone' ? undefined : ({ note: kept[`${studio.project.id} ${id}`] ?? '' } as Run);
let notes: Notes;
beforeEach(() => {
  connected = true;
  kept = {};
  studio.project = { id: 'p' };
  notes = new Notes(studio as never, { get, setNote });
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

describe('notes', () => {
  it('go to the run they were typed for, whichever is shown when they are written', async () => {
    notes.of('a').type('mine');
    expect(notes.of('b').text).toBe('');
    await vi.advanceTimersByTimeAsync(1000);
    expect(kept).toEqual({ 'p a': 'mine' });
    expect(notes.of('a').text).toBe('mine');
  });

  it('that could not be saved are there when the run is looked at again, and are saved once connected', async () => {
    connected = false;
    notes.of('a').type('mine');
    await notes.of('a').flush();
    notes.of('b');
    expect([notes.of('a').text, notes.of('a').state]).toEqual(['mine', 'failed']);
    connected = true;
    notes.of('gone').type('of a run that was deleted meanwhile');
    await notes.flush();
    expect([kept, notes.of('a').state]).toEqual([{ 'p a': 'mine' }, 'saved']);
  });

  it('wait for their own project, whose runs may be called as those of another', async () => {
    notes.of('a').type('mine');
    studio.project = { id: 'q' };
    await vi.advanceTimersByTimeAsync(1000);
    await notes.flush();
    expect([kept, notes.of('a').text]).toEqual([{}, '']);
    studio.project = { id: 'p' };
    expect(notes.of('a').text).toBe('mine');
    await notes.flush();
    expect(kept).toEqual({ 'p a': 'mine' });
  });
});
