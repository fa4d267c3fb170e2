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
    const desk = new Desk();
    desk.set(1, 'a', 0);
    desk.set(2, 'b', 10);
    desk.take(undo(desk.steps, desk.state));
    expect(desk.state).toBe(1);
    desk.take(undo(desk.steps, desk.state));
    expect(desk.state).toBe(0);
    expect(desk.take(undo(desk.steps, desk.state))).toBe(false);
    desk.take(redo(desk.steps, desk.state));
    desk.take(redo(desk.steps, desk.state));
    expect(desk.state).toBe(2);
    expect(desk.take(redo(desk.steps, desk.state))).toBe(false);
  });

  it('takes a slider’s changes as one step, until it rests', () => {
    const desk = new Desk();
    desk.set(1, 'rate', 0);
    desk.set(2, 'rate', 500);
    desk.set(3, 'rate', 1000);
    desk.set(4, 'rate', 2000);
    desk.take(undo(desk.steps, desk.state));
    expect(desk.state).toBe(3);
    desk.take(undo(desk.steps, desk.state));
    expect(desk.state).toBe(0);
  });

  it('keeps steps apart that stand alone, and forgets the future after a change', () => {
    const desk = new Desk();
    desk.set(1, null, 0);
    desk.set(2, null, 1);
    desk.take(undo(desk.steps, desk.state));
    expect(desk.state).toBe(1);
    desk.set(5, 'a', 2);
    expect(redo(desk.steps, desk.state)).toBeNull();
  });

  it('comes back to where it was after as many redos as undos', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ value: fc.integer(), key: fc.constantFrom('a', 'b', null), wait: fc.nat(2000) }),
        ),
        fc.nat(20),
        (changes, times) => {
          const desk = new Desk();
          let at = 0;
          for (const { value, key, wait } of changes) desk.set(value, key, (at += wait));
          const end = desk.state;
          let undone = 0;
          for (let count = 0; count < times; count += 1)
            if (desk.take(undo(desk.steps, desk.state))) undone += 1;
          for (let count = 0; count < undone; count += 1) desk.take(redo(desk.steps, desk.state));
          expect(desk.state).toBe(end);
        },
      ),
    );
  });
});
