/** What can be labelled next: everything, what has no label, what was relabelled, and what a run takes for something else. */
import type { Evaluation } from '#contract/evaluation.ts';
import type { ItemFilter, Split } from '#contract/project.ts';
import { confusions } from '../../state/evaluations.svelte.ts';

export interface Queue {
  /** The filter as JSON: its own identity. */
  value: string;
  label: string;
  filter: ItemFilter;
}

const queue = (label: string, filter: ItemFilter): Queue => ({
  value: JSON.stringify(filter),
  label,
  filter,
});

export const defaultQueues: readonly Queue[] = [
  queue('All images', {}),
  queue('Unlabelled images', { classIds: [null] }),
  queue('Relabelled by hand', { relabelled: true }),
  queue('Training images', { splits: ['train'] }),
  queue('Excluded images', { excluded: true }),
];

/** The disagreements of a run, most frequent pair first. */
export function disagreements(evaluations: readonly (Evaluation | null | undefined)[], limit = 12): Queue[] {
  return evaluations.flatMap((evaluation) => {
    if (!evaluation) return [];
    const { runId } = evaluation;
    const split: Split = evaluation.split;
    return confusions(evaluation, limit).map(({ actual, predicted, count }) =>
      queue(`${actual.name}, predicted as ${predicted.name} (${count}, ${split})`, {
        cells: { runId, split, actual: [actual.id], predicted: [predicted.id] },
      }),
    );
  });
}
