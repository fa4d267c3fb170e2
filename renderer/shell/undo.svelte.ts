/**
 * What Ctrl+Z and the top bar take back: in Train the last change of the recipe, elsewhere the last change of the data set.
 * A person undoes what is in sight; labels are never taken back from a room that does not show them.
 */
import type { Draft } from '../state/draft.svelte.ts';
import type { LabelStore } from '../state/labels.svelte.ts';
import type { Navigation } from '../state/navigation.svelte.ts';
import type { Studio } from '../state/studio.svelte.ts';

interface Parts {
  navigation: Pick<Navigation, 'room'>;
  draft: Pick<Draft, 'canUndo' | 'canRedo' | 'undo' | 'redo'>;
  labels: Pick<LabelStore, 'undo' | 'redo' | 'saving'>;
  studio: Pick<Studio, 'project'>;
}

const recipeWords = 'Change of the recipe';

export class Undo {
  constructor(private readonly parts: Parts) {}

  /** What `undo` takes back, in words; null where there is nothing. */
  get past(): string | null {
    const { draft, studio } = this.parts;
    if (this.#ofRecipe) return draft.canUndo ? recipeWords : null;
    return studio.project?.undo ?? null;
  }
  /** What `redo` brings again, in words; null where there is nothing. */
  get future(): string | null {
    const { draft, studio } = this.parts;
    if (this.#ofRecipe) return draft.canRedo ? recipeWords : null;
    return studio.project?.redo ?? null;
  }

  /** What is on its way to the disk can be taken back once it is there. */
  get canUndo(): boolean {
    return this.past !== null || this.#waits;
  }
  get canRedo(): boolean {
    return this.future !== null || this.#waits;
  }

  undo(): void {
    if (this.#ofRecipe) this.parts.draft.undo();
    else void this.parts.labels.undo();
  }
  redo(): void {
    if (this.#ofRecipe) this.parts.draft.redo();
    else void this.parts.labels.redo();
  }

  get #waits(): boolean {
    return !this.#ofRecipe && this.parts.labels.saving;
  }
  get #ofRecipe(): boolean {
    return this.parts.navigation.room === 'train';
  }
}
