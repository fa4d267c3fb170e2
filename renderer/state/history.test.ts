import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noSteps, record, redo, type Steps, undo } from './history.ts';

/** Sets `next` as the state, as the draft does. */
class Desk {
  state = 0;
  steps: Steps<number> = noSteps;
  set(next: number, key: string | null, at: number): void {
    this.steps = record(this.steps, this.state, key, at);
    this.state = next;
  }
  take(step: { steps: Steps<number>; state: number } | null): boolean {
    if (step) ({ steps: this.steps, state: this.state } = step);
    return step !== null;
  }
}

describe('history', () => {
  it('takes back and brings back', () => {
    const store = new Desk();
    store.set(1, 'a', 0);
    store.set(2, 'b', 10);
    store.take(undo(store.steps, store.state));
    expect(store.state).toBe(1);
    store.take(undo(store.steps, store.state));
    expect(store.state).toBe(0);
    expect(store.take(undo(store.steps, store.state))).toBe(false);
    store.take(redo(store.steps, store.state));
    store.take(redo(store.steps, store.state));
    expect(store.state).toBe(2);
    expect(store.take(redo(store.steps, store.state))).toBe(false);
  });

  it('takes a slider’s changes as one step, until it rests', () => {
    const store = new Desk();
    store.set(1, 'rate', 0);
    store.set(2, 'rate', 500);
    store.set(3, 'rate', 1000);
    store.set(4, 'rate', 2000);
    store.take(undo(store.steps, store.state));
    expect(store.state).toBe(3);
    store.take(undo(store.steps, store.state));
    expect(store.state).toBe(0);
  });

  it('keeps steps apart that stand alone, and forgets the future after a change', () => {
    const store = new Desk();
    store.set(1, null, 0);
    store.set(2, null, 1);
    store.take(undo(store.steps, store.state));
    expect(store.state).toBe(1);
    store.set(5, 'a', 2);
    expect(redo(store.steps, store.state)).toBeNull();
  });

  it('comes back to where it was after as many redos as undos', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ value: fc.integer(), key: fc.constantFrom('a', 'b', null), wait: fc.nat(2000) }),
        ),
        fc.nat(20),
        (changes, times) => {
          const store = new Desk();
          let at = 0;
          for (const { value, key, wait } of changes) store.set(value, key, (at += wait));
          const end = store.state;
          let undone = 0;
          for (let count = 0; count < times; count += 1)
            if (store.take(undo(store.steps, store.state))) undone += 1;
          for (let count = 0; count < undone; count += 1) store.take(redo(store.steps, store.state));
          expect(store.state).toBe(end);
        },
      ),
    );
  });
});
