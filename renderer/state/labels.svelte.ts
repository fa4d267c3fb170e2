/**
 * Giving labels: saved one after another, in the order of the keys, each to the images that were meant when its key was
 * pressed. The cursor goes on at once, so that the next key means the next image however long the disk takes.
 * A label is shown as saved when the studio has answered, which it does once it is on the disk.
 */
import type { Class, CountsChange, Project } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { ImageBrowser } from './browser.svelte.ts';
import { counted } from '../format.ts';
import { withRecent } from './class-finder.ts';
import { sayUndoable } from './notices.ts';
import type { Studio } from './studio.svelte.ts';

/** A key that was pressed and is not on the disk yet. */
interface Turn {
  browser: ImageBrowser;
  /** Where the cursor went when it was pressed. */
  place: number;
  /** Goes back to the images it was for. */
  back: () => void;
}

/** What is asked of the studio for these images. */
type Send = (client: StudioClient, itemIds: number[]) => Promise<Project | CountsChange>;

export class LabelStore {
  /** Labels given since the window opened; the repair loop of Judge shows them. */
  given = $state(0);
  /** Classes given lately, see `withRecent`. */
  recent: readonly number[] = $state.raw([]);
  #turns = $state(0);
  #queue: Promise<void> = Promise.resolve();
  readonly #waiting: Turn[] = [];

  constructor(private readonly studio: Studio) {}

  /** Whether a change is on its way to the disk, or one is being taken back. */
  get saving(): boolean {
    return this.#turns > 0;
  }

  /**
   * Gives the images that are selected now, or the current one, this class, or takes their label away (null), and goes on to the next. Where it could not be
   * saved it goes back to them, unless the person has gone elsewhere meanwhile. Answers whether it was saved.
   */
  async give(browser: ImageBrowser, classId: number | null): Promise<boolean> {
    if (classId !== null) this.recent = withRecent(this.recent, classId);
    const given = await this.act(browser, (client, itemIds) => client.items.relabel({ itemIds, classId }));
    this.given += given;
    return given > 0;
  }

  /**
   * Has the studio change the images that are selected now, or the current one, and goes on to the next, as `give` does.
   * @returns how many it changed; 0 where that could not be saved, which was told
   */
  act(browser: ImageBrowser, send: Send): Promise<number> {
    const { items, selection } = browser;
    const targets = selection.targets();
    // What the person sees is what is meant, however the list changes until its turn comes.
    const seen = targets.map((index) => items.at(index)?.id);
    const itemIds = seen.every((id) => id !== undefined)
      ? Promise.resolve(seen)
      : this.studio.attempt(() => items.idsAt(targets));
    const back = selection.snapshot();
    selection.move(Math.max(0, Math.min(targets.at(-1)! + 1, (items.total ?? 1) - 1)));
    const turn: Turn = { browser, place: selection.cursor, back };
    this.#waiting.push(turn);
    return this.#turn(async () => {
      try {
        return await this.#send(browser, await itemIds, send, turn);
      } finally {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
      }
    });
  }

  /** The same with images that were dragged onto the class, said with the way back: no key was pressed that one knows. */
  async drop(browser: ImageBrowser, classId: number): Promise<void> {
    const images = browser.selection.targets().length;
    if (await this.give(browser, classId))
      sayUndoable(this.studio, `${counted(images, 'image')} labelled “${this.studio.className(classId)}”.`);
  }

  /** `itemIds` are undefined where they could not be read, which was told. */
  async #send(browser: ImageBrowser, itemIds: number[] | undefined, send: Send, turn: Turn): Promise<number> {
    if (itemIds === undefined) {
      this.#stepBack(turn);
      return 0;
    }
    if (itemIds.length === 0) return 0;
    const saved = await this.studio.change(itemIds.length, (client) => send(client, itemIds));
    if (saved) {
      await browser.refresh();
      return itemIds.length;
    }
    this.#stepBack(turn);
    return 0;
  }

  /** Another project: its classes are others. */
  reset(): void {
    this.recent = [];
  }

  #stepBack({ browser, back }: Turn): void {
    const latest = this.#waiting.filter((other) => other.browser === browser).at(-1);
    if (browser.selection.cursor !== latest?.place) return;
    back();
    // A later key that fails too must not take it past the first one again.
    for (const other of this.#waiting) if (other.browser === browser) other.place = -1;
  }

  /** Takes back the last change, after those that are still on their way to the disk. */
  undo(): Promise<void> {
    return this.#turn(async () => {
      if (this.studio.project?.undo) await this.studio.undo();
    });
  }
  redo(): Promise<void> {
    return this.#turn(async () => {
      if (this.studio.project?.redo) await this.studio.redo();
    });
  }

  /** Does this after all that is on its way to the disk, and before what comes later. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turn(act);
  }

  #turn<T>(act: () => Promise<T>): Promise<T> {
    this.#turns += 1;
    const turn = this.#queue.then(act);
    const ended = () => void (this.#turns -= 1);
    // What went wrong is for who asked; the next key has its turn all the same.
    this.#queue = turn.then(ended, ended);
    return turn;
  }

  async add(name: string): Promise<Class | undefined> {
    return this.studio.attempt((client) => client.classes.add({ name }));
  }
}
