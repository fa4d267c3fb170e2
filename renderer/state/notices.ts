/** What is said in passing, in a corner of the window. What stays is shown where it belongs, by ErrorNote. */
import { toast } from 'svelte-sonner';
import type { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import type { Draft } from './draft.svelte.ts';
import type { Navigation, Room } from './navigation.svelte.ts';
import type { Studio } from './studio.svelte.ts';

/** Shows an error with its code. A cancelled request is no news, a lost connection has its own banner. */
export function report(error: AtelierError): void {
  if (error.code === 'CANCELLED' || error.code === 'CONNECTION_LOST') return;
  toast.error(error.message, {
    description: error.code,
    duration: 10_000,
    id: `${error.code}: ${error.message}`,
  });
}

/** @param id a notice with the same one gives way to this */
export function say(text: string, action?: { label: string; onClick: () => void }, id?: string): void {
  toast(text, { ...(action && { action }), ...(id !== undefined && { id }), duration: 6_000 });
}

/** Says what was changed of the data set, with the way back. */
export function sayUndoable(studio: Pick<Studio, 'project' | 'undo'>, text: string): void {
  const { undo, id } = studio.project ?? {};
  const isLast = () => studio.project?.id === id && studio.project?.undo === undo;
  say(
    text,
    wayBack(isLast, () => void studio.undo(), 'Ctrl+Z'),
  );
}

/** Says what was changed of the recipe of the next run, with the way back. */
export function sayRecipeChange(draft: Pick<Draft, 'recipe' | 'undo'>, text: string): void {
  const { recipe } = draft;
  const isLast = () => draft.recipe === recipe;
  say(
    text,
    wayBack(isLast, () => draft.undo(), 'Ctrl+Z in Train'),
    'recipe',
  );
}

/**
 * The button that takes a change back; where another came after it, which would be taken back instead, it says so.
 * @param keys that undo one after another
 */
export const wayBack = (isLast: () => boolean, undo: () => void, keys: string, tell = say) => ({
  label: 'Undo',
  onClick() {
    if (isLast()) undo();
    else tell(`Other changes came after it: undo those first, with ${keys}.`);
  },
});

/** The end of a job that went on in the background. */
export function notifyJob(job: Job, navigation: Navigation): void {
  // A trial is told of by its study.
  if (job.kind === 'train' && job.studyId !== null) return;
  // Said by the dialog that asked.
  if (['inspect', 'rescan', 'update', 'split'].includes(job.kind)) return;
  // Said where it belongs, by the room that shows it.
  const inSight: Partial<Record<Job['kind'], Room>> = { train: 'train', study: 'train', export: 'ship' };
  if (job.state === 'failed' && inSight[job.kind] === navigation.room) return;
  if (job.state === 'failed' && job.error) {
    toast.error(job.error.message, {
      description: `${job.title} · ${job.error.code}`,
      duration: 15_000,
      id: job.id,
    });
  }
  if (job.state === 'finished' && job.kind === 'train' && navigation.room !== 'train') {
    toast.success(`${job.title}: finished`, {
      id: job.id,
      ...(navigation.room === 'judge'
        ? {}
        : { action: { label: 'Judge', onClick: () => navigation.go('judge') } }),
    });
  }
  if (job.state === 'finished' && job.kind === 'study' && navigation.room !== 'train') {
    toast.success(`${job.title}: finished`, {
      id: job.id,
      action: { label: 'Show', onClick: () => navigation.go('train') },
    });
  }
}
