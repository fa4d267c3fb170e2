/** The saved views of the project as the window has them: queries of the grid that have a name. */
import type { StudioEvent } from '#contract/events.ts';
import { noConditions } from '#contract/item-query.ts';
import { withoutComputed } from '#contract/project.ts';
import type { SavedView } from '#contract/saved-views.ts';
import type { ImageBrowser } from '../../state/browser.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';

export class SavedViewStore {
  /** By name. */
  list: readonly SavedView[] = $state.raw([]);

  constructor(
    private readonly studio: Studio,
    private readonly browser: ImageBrowser,
  ) {}

  /** Another project. */
  reset(): void {
    this.list = [];
  }

  async read(): Promise<void> {
    if (!this.studio.project) return;
    this.list = (await this.studio.attempt((client) => client.views.list())) ?? [];
  }

  receive(event: StudioEvent): void {
    if (event.event === 'views.changed') this.list = event.views;
  }

  /** Lists what the view asks for, and nothing else that was asked for. */
  show({ filter }: SavedView): void {
    void this.browser.show({ ...noConditions, ...filter });
  }

  /** What the grid lists now, under this name. @returns whether it was saved */
  async save(name: string): Promise<boolean> {
    const { filter: listed } = this.browser;
    // The order stays, also one by the run that was evaluated last, whichever that is.
    const filter = { ...withoutComputed(listed), region: undefined, sort: listed.sort };
    const saved = await this.studio.attempt((client) => client.views.save({ name, filter }));
    if (saved) this.list = saved;
    return saved !== undefined;
  }

  async delete(name: string): Promise<void> {
    const left = await this.studio.attempt((client) => client.views.delete({ name }));
    if (left) this.list = left;
  }
}
