/**
 * Findings in the Data room: what there is of each kind, which is shown in the grid, and acting on the images that are selected.
 * A finding is a filter of the room's images; looking for findings, and what acting on images comes to, is the studio's. What is to be
 * changed of the recipe instead, is changed in the draft.
 */
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { needsRemedy, type RecipeRemedy, remedyOf } from '#contract/finding-recipe.ts';
import {
  type FindingAction,
  type FindingEntry,
  type FindingKind,
  type Findings,
  findingWords,
} from '#contract/findings.ts';
import type { Job } from '#contract/job.ts';
import { newTestYes } from '#contract/splits.ts';
import type { Item, ItemFilter } from '#contract/project.ts';
import type { FieldChanges } from '#recipe/path.ts';
import { labelOf, shownValue } from '#recipe/values.ts';
import type { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Draft } from '../../state/draft.svelte.ts';
import { sayRecipeChange, sayUndoable } from '../../state/notices.ts';
import type { Studio } from '../../state/studio.svelte.ts';

export class FindingsStore {
  /** undefined while it was not read; null where nobody has looked yet. */
  found: Findings | null | undefined = $state.raw(undefined);
  /** The kind that is shown. */
  kind: FindingKind = $state('label-errors');
  entries: readonly FindingEntry[] = $state.raw([]);
  /** How the job ended that was last seen, where it did not finish. */
  ended: 'cancelled' | AtelierError | null = $state.raw(null);
  /** Acting so would move images into or out of a test part that runs were evaluated on: asked before it is done. */
  question: { itemIds: readonly number[]; images: number; runs: number } | null = $state.raw(null);
  #open = $state(false);
  #before: ItemFilter = {};
  #asked = 0;
  readonly #byItem = $derived(
    new Map(this.entries.flatMap((entry) => entry.itemIds.map((itemId) => [itemId, entry] as const))),
  );
  readonly #numbers = $derived(new Map(this.entries.map((entry, at) => [entry, at + 1])));
  readonly job: Job | null = $derived.by(
    () => this.studio.working.find(({ kind }) => kind === 'findings') ?? null,
  );
  readonly embedding: Job | null = $derived.by(
    () => this.studio.working.find(({ kind }) => kind === 'embed') ?? null,
  );
  readonly shown = $derived.by(() => this.found?.kinds.find(({ kind }) => kind === this.kind) ?? null);
  readonly left: number = $derived.by(() => this.found?.kinds.reduce((sum, { left }) => sum + left, 0) ?? 0);

  constructor(
    private readonly studio: Studio,
    private readonly browser: ImageBrowser,
    private readonly draft: Pick<Draft, 'recipe' | 'setAll' | 'undo'>,
  ) {}

  /** Whether findings are shown in place of all images; another filter shows those again. */
  get open(): boolean {
    return this.#open && (!this.found || this.browser.filter.finding === this.kind);
  }

  /** What can be done about what is shown, the usual first. */
  get actions(): readonly FindingAction[] {
    return this.open && this.found ? findingWords[this.kind].actions : [];
  }

  /** Those that change the images, rather than say that nothing is wrong with them. */
  get repairs(): readonly FindingAction[] {
    return this.actions.filter((action) => action !== 'dismiss');
  }

  entryOf(itemId: number | undefined): FindingEntry | undefined {
    return itemId === undefined ? undefined : this.#byItem.get(itemId);
  }

  /** Place of the entry in the list, from 1. */
  numberOf(entry: FindingEntry): number {
    return this.#numbers.get(entry) ?? 0;
  }

  reset(): void {
    this.#asked += 1;
    this.#open = false;
    this.#before = {};
    this.found = undefined;
    this.entries = [];
    this.ended = this.question = null;
    this.kind = 'label-errors';
  }

  read(): Promise<void> | void {
    if (this.studio.project) return this.#refresh();
  }

  async show(kind?: FindingKind): Promise<void> {
    if (!this.browser.filter.finding) this.#before = this.browser.filter;
    this.#open = true;
    await this.#refresh();
    if (this.found)
      await this.choose(kind ?? this.found.kinds.find(({ left }) => left > 0)?.kind ?? this.kind);
  }

  async choose(kind: FindingKind): Promise<void> {
    this.kind = kind;
    this.#open = true;
    const shown = this.browser.show({ finding: kind });
    await this.#readEntries();
    await shown;
  }

  leave(): void {
    this.#open = false;
    if (this.browser.filter.finding) void this.browser.show(this.#before);
  }

  /** @param asked `runId`: label errors by what a run said; `audit`: also with planted faults */
  async start(asked: { runId?: string; audit?: true } = {}): Promise<void> {
    this.ended = null;
    await this.studio.attempt((client) => client.findings.start(asked));
  }

  /** Embeddings first, then all that takes them. */
  async startWithEmbeddings(): Promise<void> {
    this.ended = null;
    const started = await this.studio.attempt((client) => client.embeddings.start());
    if (started) await this.start();
  }

  async cancel(): Promise<void> {
    for (const job of [this.job, this.embedding]) if (job) await this.studio.cancel(job);
  }

  /** The entries that are meant: of the images that are selected, else of the one at the cursor; as far as these are read. */
  get #meant(): FindingEntry[] {
    const { items, selection } = this.browser;
    const all = selection.targets().map((index) => this.entryOf(items.at(index)?.id));
    return [...new Set(all.filter((entry) => entry !== undefined))];
  }

  /** What the entry at hand changes of the recipe; null where it is about images alone, or several entries are meant. */
  get remedy(): RecipeRemedy | null {
    const meant = this.open ? this.#meant : [];
    return meant.length === 1 ? remedyOf(meant[0]!) : null;
  }

  /** true where the recipe of the next run lacks that, else why it need not be changed. */
  get recipeNeeds(): true | string {
    const { recipe } = this.draft;
    const meant = this.#meant;
    if (meant.length === 0) return 'There is no image here';
    if (!recipe) return 'There is no recipe yet';
    const needs = meant.map((entry) => needsRemedy(recipe, entry));
    return needs.includes(true) || needs[0]!;
  }

  #changeRecipe(): void {
    const fields = this.#meant.map((entry) => remedyOf(entry)?.fields ?? {});
    const changes = this.draft.setAll(Object.assign({}, ...fields) as FieldChanges);
    const { recipe } = this.draft;
    if (changes.length === 0 || !recipe) return;
    const words = changes.map(({ path, before, after }) => {
      const [was, is] = [shownValue(path, before), shownValue(path, after)];
      return `${labelOf(path, recipe)}: ${is} (was ${was === is ? 'other in part' : was})`;
    });
    sayRecipeChange(this.draft, `Recipe in Train: ${words.join('; ')}.`);
  }

  /** Acts on the entries of the images that are selected, or of the one at the cursor, and goes on to the next entry. */
  async act(action: FindingAction): Promise<void> {
    if (action === 'change-recipe') return this.#changeRecipe();
    const { items, selection } = this.browser;
    const targets = selection.targets();
    const chosen = await this.studio.attempt(() => items.itemsAt(targets));
    if (!chosen || chosen.length === 0) return;
    await this.#apply(
      action,
      chosen.map(({ id }) => id),
    );
  }

  /** The answer to the question: moves them all the same, or excludes the copies, which leaves the test part as it is. */
  async answer(action: 'move-copies' | 'exclude-copies'): Promise<void> {
    const { question } = this;
    this.question = null;
    if (!question) return;
    // Whole entries, so that what is kept is of the part that is judged by most.
    const all = question.itemIds.flatMap((itemId) => this.entryOf(itemId)?.itemIds ?? [itemId]);
    await this.#apply(action, [...new Set(all)], action === 'move-copies');
  }

  async #apply(
    action: Exclude<FindingAction, 'change-recipe'>,
    itemIds: readonly number[],
    accepted = false,
  ): Promise<void> {
    const { browser, kind } = this;
    const { items, selection } = browser;
    const targets = selection.targets();
    const last = this.entryOf(itemIds.at(-1));
    const saved = await this.studio.change(
      itemIds.length,
      (client) =>
        client.findings.apply({
          kind,
          action,
          itemIds: [...itemIds],
          ...(accepted && { acceptNewTest: true }),
        }),
      (fault) => this.#asks(fault, itemIds),
    );
    if (!saved) return;
    const { undo } = this.studio.project ?? {};
    if (itemIds.length > 1 && undo) sayUndoable(this.studio, `${undo}.`);
    let next = targets.at(-1)! + 1;
    while (last && this.entryOf(items.at(next)?.id) === last) next += 1;
    selection.move(Math.max(0, Math.min(next, (items.total ?? 1) - 1)));
    await browser.refresh();
  }

  /** Whether the fault is one that a person may say yes to; it is asked then. */
  #asks({ details }: AtelierError, itemIds: readonly number[]): boolean {
    if (details['takes'] !== newTestYes) return false;
    this.question = { itemIds, images: Number(details['images']), runs: Number(details['runs']) };
    return true;
  }

  /** The images of the entry that the cursor is in, as far as they are read, with their places. */
  get atHand(): { entry: FindingEntry; images: { item: Item; index: number }[] } | null {
    const { items, selection, current } = this.browser;
    const entry = this.entryOf(current?.id);
    if (!current || !entry) return null;
    const images = [{ item: current, index: selection.cursor }];
    const isOf = (item: Item | undefined) => item !== undefined && this.entryOf(item.id) === entry;
    for (let index = selection.cursor - 1; isOf(items.at(index)); index -= 1)
      images.unshift({ item: items.at(index)!, index });
    for (let index = selection.cursor + 1; isOf(items.at(index)); index += 1)
      images.push({ item: items.at(index)!, index });
    return { entry, images };
  }

  receive(event: StudioEvent): void {
    if (event.event === 'job.changed' && event.job.kind === 'findings') {
      const { state, error } = event.job;
      if (state === 'cancelled') this.ended = 'cancelled';
      if (state === 'failed') this.ended = error && AtelierError.fromWire(error);
      if (state === 'finished') void this.#takeNew();
    }
    const touched = ['items.changed', 'project.changed'].includes(event.event);
    if (touched && this.found) void this.#refresh();
  }

  async #takeNew(): Promise<void> {
    const first = !this.found;
    this.ended = null;
    await this.#refresh();
    if (!this.#open) return;
    if (first) await this.show();
    else if (this.open) await this.choose(this.kind);
  }

  /** A later question makes an answer void. */
  async #refresh(): Promise<void> {
    const asked = (this.#asked += 1);
    const found = await this.studio.attempt((client) => client.findings.get());
    if (asked === this.#asked && found !== undefined) this.found = found;
  }

  async #readEntries(): Promise<void> {
    const { kind } = this;
    const entries = await this.studio.attempt((client) => client.findings.entries({ kind }));
    if (entries && kind === this.kind) this.entries = entries;
  }
}

/** What a click would do, as a button says it. */
export const actionWords: Record<FindingAction, { label: string; short: string }> = {
  'change-recipe': { label: 'Change the recipe in Train for what was found', short: 'Change the recipe' },
  relabel: { label: 'Relabel to the suggested class', short: 'Relabel' },
  exclude: { label: 'Exclude for what was found', short: 'Exclude' },
  'exclude-copies': { label: 'Keep this image, exclude its copies', short: 'Exclude copies' },
  'move-copies': { label: 'Move copies to one part', short: 'Move to one part' },
  dismiss: { label: 'Dismiss: there is nothing wrong with it', short: 'Dismiss' },
};
