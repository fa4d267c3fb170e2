/**
 * Suggestions for unlabelled images, a page at a time: what the head learned from the labels so far would give. A page is
 * accepted with one key, and what is wrong in it corrected with the class's own. Learning is the studio's; what is shown is
 * asked for anew whenever it says that new suggestions stand.
 */
import type { EmbeddingState, Suggestion, suggestionOrders, SuggestionStats } from '#contract/embeddings.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { LabelStore } from '../../state/labels.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';

export type SuggestionOrder = (typeof suggestionOrders)[number];

/** Fewer keys and clicks than with pages of 20 or 10, and more labels right (docs/decisions/0029). */
const suggestionsPerPage = 60;

export class SuggestionStore {
  /** Whether suggestions are shown in place of the list of images. */
  open = $state(false);
  order: SuggestionOrder = $state('certain');
  /** Only those for this class; null for all. */
  classId: number | null = $state(null);
  /** The image that others are to be like; of the order `similar`. */
  itemId: number | null = $state(null);
  stats: SuggestionStats | null = $state.raw(null);
  embeddings: EmbeddingState | null = $state.raw(null);
  page: Suggestion[] = $state.raw([]);
  total = $state(0);
  /** Place in the page. */
  cursor = $state(0);
  /** A page is being asked for. */
  waiting = $state(false);
  #asked = 0;

  constructor(
    private readonly studio: Studio,
    private readonly labels: LabelStore,
  ) {}

  get current(): Suggestion | undefined {
    return this.page[this.cursor];
  }

  reset(): void {
    this.#asked += 1;
    this.open = false;
    this.order = 'certain';
    this.classId = null;
    this.itemId = null;
    this.stats = null;
    this.embeddings = null;
    this.page = [];
    this.total = 0;
    this.cursor = 0;
    this.waiting = false;
  }

  async show(): Promise<void> {
    this.open = true;
    this.embeddings = (await this.studio.attempt((client) => client.embeddings.get())) ?? null;
    if (this.embeddings?.state === 'missing') return;
    await this.refresh();
  }

  /** The images that are most like this one. */
  async showLike(itemId: number): Promise<void> {
    this.order = 'similar';
    this.itemId = itemId;
    this.classId = null;
    await this.show();
  }

  async choose(order: SuggestionOrder, classId: number | null): Promise<void> {
    this.order = order;
    this.classId = classId;
    this.cursor = 0;
    await this.refresh();
  }

  compute(): Promise<unknown> {
    return this.studio.attempt((client) => client.embeddings.start());
  }

  receive(event: StudioEvent): void {
    if (event.event === 'embeddings.changed') {
      this.embeddings = event.embeddings;
      // However the job ended: what stands is shown.
      const { state } = event.embeddings;
      if (this.open && (state === 'complete' || state === 'partial')) void this.refresh();
    }
    // A class that is gone is suggested no more.
    if (event.event === 'project.changed' && this.classId !== null) {
      if (!event.project?.classes.some(({ id }) => id === this.classId)) this.classId = null;
    }
    if (event.event === 'suggestions.changed') {
      this.stats = event.stats;
      if (this.open) void this.refresh();
    }
  }

  /** Asks for the page anew; a later question makes an answer void. */
  async refresh(): Promise<void> {
    const asked = (this.#asked += 1);
    this.waiting = true;
    const { order, classId, itemId } = this;
    const answer = await this.studio.attempt((client) =>
      client.suggestions.list({
        order,
        ...(classId === null ? {} : { classId }),
        ...(order === 'similar' && itemId !== null ? { itemId } : {}),
        offset: 0,
        limit: suggestionsPerPage,
      }),
    );
    if (asked !== this.#asked) return;
    this.waiting = false;
    if (!answer) return;
    this.page = order === 'certain' ? byClass(answer.suggestions) : answer.suggestions;
    this.total = answer.total;
    this.cursor = Math.max(0, Math.min(this.cursor, answer.suggestions.length - 1));
    if (this.stats === null)
      this.stats = (await this.studio.attempt((client) => client.suggestions.stats())) ?? null;
  }

  /** Gives all images of the page what was suggested for them; one undoable step. */
  async accept(): Promise<void> {
    const suggestions = this.page.flatMap(({ item, classId }) =>
      classId === null ? [] : [{ itemId: item.id, classId }],
    );
    if (suggestions.length === 0) return;
    this.page = [];
    const saved = await this.studio.change(suggestions.length, (client) =>
      client.suggestions.accept({ suggestions }),
    );
    if (saved) this.labels.given += suggestions.length;
    await this.refresh();
  }

  /** Gives the current image of the page this class; the rest stays as suggested. */
  async correct(classId: number): Promise<void> {
    const { current } = this;
    if (!current) return;
    const itemId = current.item.id;
    this.page = this.page.filter(({ item }) => item.id !== itemId);
    this.cursor = Math.min(this.cursor, Math.max(0, this.page.length - 1));
    const saved = await this.studio.change(1, (client) =>
      client.items.relabel({ itemIds: [itemId], classId }),
    );
    if (saved) this.labels.given += 1;
    else await this.refresh();
  }

  move(by: number): void {
    this.cursor = Math.max(0, Math.min(this.page.length - 1, this.cursor + by));
  }
}

/** Those of one class side by side, so that what does not belong is seen; the surest class first. */
function byClass(suggestions: readonly Suggestion[]): Suggestion[] {
  const places = new Map<number | null, number>();
  for (const { classId } of suggestions) if (!places.has(classId)) places.set(classId, places.size);
  return [...suggestions].sort((a, b) => places.get(a.classId)! - places.get(b.classId)!);
}
