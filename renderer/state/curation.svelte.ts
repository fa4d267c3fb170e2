/**
 * Curating the data set: what a person asks for of a class or of chosen images, the question that comes before it, and the
 * change, said with the way back. What a change comes to is the studio's; the dialogs are parts/curation.
 */
import type { Item } from '#contract/project.ts';
import type { StudioEvent } from '#contract/events.ts';
import { counted } from '../format.ts';
import type { ImageBrowser } from './browser.svelte.ts';
import type { LabelStore } from './labels.svelte.ts';
import { report, say, sayUndoable } from './notices.ts';
import type { Studio } from './studio.svelte.ts';
import type { AtelierError } from '#contract/errors.ts';

type ClassQuestion = 'rename' | 'recolour' | 'merge' | 'delete';
type ImageQuestion = 'split' | 'exclude' | 'note';
type Asked = { kind: ClassQuestion; classId: number } | { kind: ImageQuestion; items: readonly Item[] };

/** Usual reasons to exclude an image; those given lately stand in front. */
const usualReasons: readonly string[] = [
  'Blurred',
  'Duplicate',
  'None of the classes',
  'More than one class',
];
const reasonsShown = 6;

const idsOf = (items: readonly Item[]) => items.map(({ id }) => id);
const ofImages = (items: readonly Item[]) => counted(items.length, 'image');

export class CurationStore {
  /** The question that is open. */
  asked: Asked | null = $state.raw(null);
  #given: readonly string[] = $state.raw([]);
  readonly reasons: readonly string[] = $derived(
    [...this.#given, ...usualReasons.filter((one) => !this.#given.includes(one))].slice(0, reasonsShown),
  );

  constructor(
    private readonly studio: Studio,
    private readonly labels: Pick<LabelStore, 'act'>,
  ) {}

  /** Another project. */
  reset(): void {
    this.asked = null;
    this.#given = [];
  }

  close(): void {
    this.asked = null;
  }

  askClass(kind: ClassQuestion, classId: number): void {
    this.asked = { kind, classId };
  }

  askItems(kind: ImageQuestion, items: readonly Item[]): void {
    if (items.length > 0) this.asked = { kind, items };
  }

  /** Of the images that are selected in a grid, or the one at its cursor. */
  async askImages(kind: ImageQuestion, browser: ImageBrowser): Promise<void> {
    this.askItems(kind, await this.#chosen(browser));
  }

  /** To split a class: of those of the selected images that have it. */
  async askSplit(classId: number, browser: ImageBrowser): Promise<void> {
    const chosen = await this.#chosen(browser);
    const items = chosen.filter((item) => item.classId === classId);
    if (items.length > 0 || chosen.length === 0) this.askItems('split', items);
    else
      say(
        `No selected image is of “${this.#nameOf(classId)}”. Select those that are to have a class of their own.`,
      );
  }

  /** What one key does: includes images again where all of them are excluded, asks for the reason otherwise. */
  async toggleExcluded(browser: ImageBrowser): Promise<void> {
    const items = await this.#chosen(browser);
    await this.toggleItems(items);
  }

  async toggleItems(items: readonly Item[]): Promise<void> {
    if (items.length > 0 && items.every(({ excluded }) => excluded !== null)) await this.include(items);
    else this.askItems('exclude', items);
  }

  rename(classId: number, name: string): Promise<boolean> {
    const before = this.#nameOf(classId);
    return this.#change(`“${before}” renamed to “${name}”.`, 1, (client) =>
      client.classes.rename({ classId, name }),
    );
  }

  /** @param colour null for the one that it has by itself */
  recolour(classId: number, colour: string | null): Promise<boolean> {
    return this.#change(`“${this.#nameOf(classId)}” recoloured.`, 1, (client) =>
      client.classes.recolour({ classId, colour }),
    );
  }

  merge(classId: number, into: number): Promise<boolean> {
    const images = this.imagesOf(classId);
    return this.#change(
      `“${this.#nameOf(classId)}” merged into “${this.#nameOf(into)}”: ${counted(images, 'image')} moved.`,
      Math.max(1, images),
      (client) => client.classes.delete({ classId, into }),
    );
  }

  /** Its images become unlabelled. */
  delete(classId: number): Promise<boolean> {
    const images = this.imagesOf(classId);
    const rest = images === 0 ? '' : ` ${counted(images, 'image is', 'images are')} unlabelled now.`;
    return this.#change(`“${this.#nameOf(classId)}” deleted.${rest}`, Math.max(1, images), (client) =>
      client.classes.delete({ classId }),
    );
  }

  /** Gives the images a new class. */
  split(items: readonly Item[], name: string): Promise<boolean> {
    return this.#change(`${ofImages(items)} split into “${name}”.`, items.length, async (client) => {
      await client.classes.split({ itemIds: idsOf(items), name });
      return (await client.project.current())!;
    });
  }

  async exclude(items: readonly Item[], reason: string): Promise<boolean> {
    const done = await this.#change(`${ofImages(items)} excluded: ${reason}.`, items.length, (client) =>
      client.items.exclude({ itemIds: idsOf(items), reason }),
    );
    if (done) this.#given = [reason, ...this.#given.filter((one) => one !== reason)];
    return done;
  }

  /** Takes an exclusion back. */
  include(items: readonly Item[]): Promise<boolean> {
    const excluded = items.filter((item) => item.excluded !== null);
    return this.#change(`${ofImages(excluded)} included again.`, excluded.length, (client) =>
      client.items.exclude({ itemIds: idsOf(excluded), reason: null }),
    );
  }

  /** Marks the selected images of a grid, or the one at its cursor, as hard, or takes the mark away; goes on to the next, as a label does. */
  async toggleHard(browser: ImageBrowser, hard: boolean): Promise<void> {
    await this.labels.act(browser, (client, itemIds) => client.items.setHard({ itemIds, hard }));
  }

  /** The same with these images; the mark is taken away where all have it. */
  markItems(items: readonly Item[]): Promise<boolean> {
    const hard = !items.every((item) => item.hard);
    const text = `${ofImages(items)} marked as hard${hard ? '' : ' no more'}.`;
    return this.#change(text, items.length, (client) =>
      client.items.setHard({ itemIds: idsOf(items), hard }),
    );
  }

  /** @param note takes the place of the notes that the images have; an empty one removes them */
  note(items: readonly Item[], note: string): Promise<boolean> {
    const text = note === '' ? `Note of ${ofImages(items)} removed.` : `Note written on ${ofImages(items)}.`;
    return this.#change(text, items.length, (client) =>
      client.items.setNote({ itemIds: idsOf(items), note }),
    );
  }

  /** How many images have this class. */
  imagesOf(classId: number): number {
    return this.studio.classes.find(({ id }) => id === classId)?.counts.total ?? 0;
  }

  /** A question about a class that is gone, by undo or by somebody else, is a question no more. */
  receive(event: StudioEvent): void {
    if (event.event !== 'project.changed' || !this.asked || !('classId' in this.asked)) return;
    const { classId } = this.asked;
    if (!event.project?.classes.some(({ id }) => id === classId)) this.close();
  }

  async #change(text: string, items: number, use: Parameters<Studio['change']>[1]): Promise<boolean> {
    const done = await this.studio.change(items, use);
    if (!done) return false;
    this.close();
    sayUndoable(this.studio, text);
    return true;
  }

  async #chosen({ items, selection }: ImageBrowser): Promise<Item[]> {
    try {
      return await items.itemsAt(selection.targets());
    } catch (thrown) {
      report(thrown as AtelierError);
      return [];
    }
  }

  #nameOf = (classId: number) => this.studio.className(classId);
}
