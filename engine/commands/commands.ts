/**
 * What every command has in common: it waits for the project named at the start, and one that changes a project asks first
 * whether it can be changed.
 */
import { implement } from '@orpc/server';
import { commands } from '#contract/commands.ts';
import type { StudioState } from '../studio-state.ts';

/**
 * Commands that a project which can only be looked at refuses at once, before a job begins. Deleting is not among them:
 * it makes room on a full disk.
 */
const changing: ReadonlySet<string> = new Set([
  'splits.group',
  'splits.draw',
  'sources.import',
  'sources.update',
  'sources.remove',
  'items.remove',
  'items.relabel',
  'suggestions.accept',
  'embeddings.start',
  'findings.start',
  'findings.apply',
  'map.start',
  'facts.start',
  'classes.add',
  'items.exclude',
  'items.setNote',
  'items.setHard',
  'classes.rename',
  'classes.recolour',
  'classes.delete',
  'classes.split',
  'labels.apply',
  'labels.applyFile',
  'journal.undo',
  'journal.redo',
  'recipes.findLearningRate',
  'recipes.comparePrecision',
  'runs.start',
  'runs.resume',
  'runs.replay',
  'runs.rename',
  'runs.setNote',
  'runs.exportLogs',
  'studies.start',
  'studies.resume',
  'studies.rename',
  'evaluations.start',
  'evaluations.startEvidence',
  'explanations.startNearest',
  'slices.start',
  'robustness.start',
  'exports.start',
  'repair.begin',
  'repair.end',
  'repair.undoAll',
  'repair.retrain',
]);

/** The contract's commands, to be given handlers. */
export type Commands = ReturnType<typeof commandsOf>;

export function commandsOf(state: Pick<StudioState, 'opened' | 'requireWritable'>) {
  // Every command waits for the project named at the start; afterwards this costs nothing.
  return implement(commands).use(async ({ next, path }) => {
    await state.opened;
    if (changing.has(path.join('.'))) state.requireWritable();
    return next();
  });
}
