/** Steps that can be taken back. Changes of the same thing in quick succession, as a slider makes them, are one step. Pure. */

const together = 800;
const kept = 200;

export interface Steps<T> {
  readonly past: readonly T[];
  readonly future: readonly T[];
  /** What the last step changed, and when; null after undo, redo, or a step that stands alone. */
  readonly last: { readonly key: string; readonly at: number } | null;
}

export const noSteps: Steps<never> = { past: [], future: [], last: null };

/**
 * @param now the state before the change
 * @param key what is changed; null for a step that stands alone
 * @param at milliseconds
 */
export function record<T>(steps: Steps<T>, now: T, key: string | null, at: number): Steps<T> {
  const last = key === null ? null : { key, at };
  const continues = key !== null && steps.last?.key === key && at - steps.last.at < together;
  return { past: continues ? steps.past : [...steps.past, now].slice(-kept), future: [], last };
}

/** The state before the last step, or null where there is none. */
export function undo<T>(steps: Steps<T>, now: T): { steps: Steps<T>; state: T } | null {
  const state = steps.past.at(-1);
  if (state === undefined) return null;
  return {
    state,
    steps: { past: steps.past.slice(0, -1), future: [...steps.future, now], last: null },
  };
}

export function redo<T>(steps: Steps<T>, now: T): { steps: Steps<T>; state: T } | null {
  const state = steps.future.at(-1);
  if (state === undefined) return null;
  return {
    state,
    steps: { past: [...steps.past, now], future: steps.future.slice(0, -1), last: null },
  };
}
