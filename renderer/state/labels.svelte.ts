/**
 * Giving labels: one after another, in the order of the keys, each on the image that is then current.
 * A label is shown as saved when the studio has answered, which it does once it is on the disk.
 */
import type { Class } from '#contract/entities.ts';
import type { ImageBrowser } from './browser.svelte.ts';
import type { Studio } from './studio.svelte.ts';

export class LabelDesk {
  /** Labels given since the window opened; the repair loop of Judge shows them. */
  given = $state(0);
  readonly #studio: Studio;
  #queue: Promise<void> = Promise.resolve();

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  /** The class that this key gives. */
  classOf(key: string): Class | undefined {
    return this.#studio.classes.find((one) => one.key?.toLowerCase() === key);
  }

  /** Gives the selected images, or the current one, this class, and goes on to the next. */
  give(browser: ImageBrowser, classId: number): Promise<void> {
    return this.#turn(() => this.#give(browser, classId));
  }

  async #give(browser: ImageBrowser, classId: number): Promise<void> {
    const { items, selection } = browser;
    const targets = selection.targets();
    const before = selection.cursor;
    const itemIds = await items.idsAt(targets).catch(() => []);
    if (itemIds.length === 0) return;
    const firstId = items.at(targets[0]!)?.id;
    const saved = await this.#studio.change(itemIds.length, (client) =>
      client.items.relabel({ itemIds, classId }),
    );
    if (!saved) return;
    this.given += itemIds.length;
    await items.refresh();
    // Moved elsewhere in the meantime: leave the cursor to the person.
    if (selection.cursor !== before) return;
    const stayed = items.at(targets[0]!)?.id === firstId;
    const next = stayed ? targets.at(-1)! + 1 : targets[0]!;
    selection.move(Math.max(0, Math.min(next, (items.total ?? 1) - 1)));
  }

  /** Takes back the last change, after those that are still on their way to the disk. */
  undo(): Promise<void> {
    return this.#turn(async () => {
      if (this.#studio.project?.undo) await this.#studio.undo();
    });
  }
  redo(): Promise<void> {
    return this.#turn(async () => {
      if (this.#studio.project?.redo) await this.#studio.redo();
    });
  }

  #turn(act: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(act);
    return this.#queue;
  }

  async add(name: string): Promise<Class | undefined> {
    return this.#studio.attempt((client) => client.classes.add({ name }));
  }

  rename(classId: number, name: string): Promise<boolean> {
    return this.#studio.change(1, (client) => client.classes.rename({ classId, name }));
  }
}
