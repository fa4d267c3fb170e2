import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { projectOf, runOf, TestStudio } from '../../../state/testing.ts';
import { Notes } from './notes.svelte.ts';

let connected: boolean;
let kept: Record<string, string>;
const studio = new TestStudio({}, projectOf());
const setNote = vi.fn((id: string, note: string) => {
  if (connected) kept[`${studio.project!.id} ${id}`] = note;
  return Promise.resolve(connected);
});
const get = (id: string) =>
  id === 'gone' ? undefined : runOf(id, { note: kept[`${studio.project!.id} ${id}`] ?? '' });
let notes: Notes;
beforeEach(() => {
  connected = true;
  kept = {};
  studio.project = projectOf();
  notes = new Notes(studio, { get, setNote });
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
    studio.project = projectOf({ id: 'q' });
    await vi.advanceTimersByTimeAsync(1000);
    await notes.flush();
    expect([kept, notes.of('a').text]).toEqual([{}, '']);
    studio.project = projectOf();
    expect(notes.of('a').text).toBe('mine');
    await notes.flush();
    expect(kept).toEqual({ 'p a': 'mine' });
  });
});
