import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Note } from './note.svelte.ts';

let kept: string;
beforeEach(() => {
  kept = '';
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

describe('a note', () => {
  it('is saved once, when typing has stopped, and says so only after the answer', async () => {
    let answer = () => {};
    const save = vi.fn(
      (text: string) =>
        new Promise<boolean>((resolve) => {
          answer = () => {
            kept = text;
            resolve(true);
          };
        }),
    );
    const note = new Note(() => kept, save);
    for (const text of ['a', 'ab', 'abc']) {
      note.type(text);
      await vi.advanceTimersByTimeAsync(300);
    }
    expect([save.mock.calls.length, note.state]).toEqual([0, 'typing']);
    await vi.advanceTimersByTimeAsync(1000);
    expect([save.mock.calls, note.state]).toEqual([[['abc']], 'saving']);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect([note.state, note.text]).toEqual(['saved', 'abc']);
  });

  it('is saved at once when it is left, and what was typed meanwhile afterwards', async () => {
    const answers: (() => void)[] = [];
    const save = vi.fn(
      (text: string) =>
        new Promise<boolean>((resolve) =>
          answers.push(() => {
            kept = text;
            resolve(true);
          }),
        ),
    );
    const note = new Note(() => kept, save);
    note.type('one');
    void note.flush();
    await vi.advanceTimersByTimeAsync(0);
    note.type('two');
    answers[0]!();
    await vi.advanceTimersByTimeAsync(0);
    // The first is saved, but it is not what is shown.
    expect([note.state, note.text, kept]).toEqual(['typing', 'two', 'one']);
    void note.flush();
    await vi.advanceTimersByTimeAsync(0);
    answers[1]!();
    await vi.advanceTimersByTimeAsync(0);
    expect([save.mock.calls, note.state]).toEqual([[['one'], ['two']], 'saved']);
  });

  it('keeps what was typed when it could not be saved, and shows news from elsewhere otherwise', async () => {
    const note = new Note(
      () => kept,
      () => Promise.resolve(false),
    );
    kept = 'from elsewhere';
    expect([note.text, note.state]).toEqual(['from elsewhere', 'saved']);
    note.type('mine');
    await note.flush();
    expect([note.text, note.state]).toEqual(['mine', 'failed']);
  });

  it('writes a later text although an earlier write was rejected', async () => {
    const save = vi.fn((text: string) => {
      if (text === 'one') return Promise.reject(new Error('disk'));
      kept = text;
      return Promise.resolve(true);
    });
    const note = new Note(() => kept, save);
    note.type('one');
    await note.flush();
    expect([note.text, note.state]).toEqual(['one', 'failed']);
    note.type('two');
    await note.flush();
    expect([kept, note.state]).toEqual(['two', 'saved']);
  });
});
