/**
 * The commands for the images of a room: label, exclude, note, split, select, and show large. Each room has its own, as
 * the images at hand are its own; what a change does is left to the stores of labels and curation.
 */
import Ban from '@lucide/svelte/icons/ban';
import ChevronLeft from '@lucide/svelte/icons/chevron-left';
import ChevronRight from '@lucide/svelte/icons/chevron-right';
import Copy from '@lucide/svelte/icons/copy';
import Mountain from '@lucide/svelte/icons/mountain';
import Split from '@lucide/svelte/icons/split';
import StickyNote from '@lucide/svelte/icons/sticky-note';
import ScanSearch from '@lucide/svelte/icons/scan-search';
import X from '@lucide/svelte/icons/x';
import type { Class, Item } from '#contract/project.ts';
import { curation, labels, runs, studio, why } from '../../stores.ts';
import { say } from '../../state/notices.ts';
import { copyText } from '../clipboard.ts';
import type { Command } from '../../commands/command.ts';
import type { Place } from '../../commands/place.ts';
import { cellSizes, type ImageBrowser } from '../../state/browser.svelte.ts';
import type { Room } from '../../state/navigation.svelte.ts';

async function copyPath({ id, name }: Item): Promise<void> {
  const path = await studio.attempt((client) => client.items.path({ itemId: id }));
  if (path === undefined) return;
  if (path === null) return say(`${name} has no path of its own: it is one of many images in a file.`);
  if (await copyText(path)) say(`Copied ${path}`);
  else
    say(
      'Expected to reach the clipboard, but it is refused. Allow this page to write to it, then try again.',
    );
}

interface Options {
  room: Room;
  browser: ImageBrowser;
  /** Where their keys count, beside the image that is shown large. */
  within: Place;
  /** True, or why no images are in sight. */
  inSight?: () => true | string;
  /** A page of single images that is shown in place of the browser's while it is open. */
  page?: {
    readonly open: boolean;
    readonly current: { item: Item } | undefined;
    correct(classId: number): unknown;
  };
}

export class ImageCommands {
  readonly browser: ImageBrowser;
  readonly exclude: Command;
  readonly hard: Command;
  readonly note: Command;
  readonly split: Command;
  readonly clear: Command;
  readonly enlarge: Command;
  readonly copyPath: Command;
  readonly why: Command;
  readonly previous: Command;
  readonly next: Command;
  readonly #others: readonly Command[];

  constructor(private readonly options: Options) {
    const { room, browser, within, page } = options;
    this.browser = browser;
    const { selection } = browser;
    const atHand = () => this.#atHand();
    const listed = () => (page?.open ? 'Show the list of images first' : atHand());
    const ofImages = { within: [within, 'large'] as const };
    const ofGrid = { within: ['images'] as const, when: listed };
    const isExcluded = () =>
      this.#known().length > 0 && this.#known().every((item) => item !== undefined && item.excluded !== null);

    this.exclude = {
      ...ofImages,
      id: `${room}.exclude`,
      get label() {
        return isExcluded() ? 'Include images again' : 'Exclude images';
      },
      get short() {
        return isExcluded() ? 'Include again' : 'Exclude…';
      },
      icon: Ban,
      aliases: 'reject hide include remove from training',
      shortcuts: ['Shift+E'],
      when: atHand,
      run: () => (page?.open ? curation.toggleItems([page.current!.item]) : curation.toggleExcluded(browser)),
    };
    const isHard = () => this.#known().length > 0 && this.#known().every((item) => item?.hard);
    this.hard = {
      ...ofImages,
      id: `${room}.hard`,
      get label() {
        return isHard() ? 'Mark as hard no more' : 'Mark as hard';
      },
      get short() {
        return isHard() ? 'Not hard' : 'Hard';
      },
      icon: Mountain,
      aliases: 'difficult ambiguous right label reviewed flag suspect',
      shortcuts: ['Shift+H'],
      when: atHand,
      run: () =>
        page?.open ? curation.markItems([page.current!.item]) : curation.toggleHard(browser, !isHard()),
    };
    this.note = {
      ...ofImages,
      id: `${room}.note`,
      label: 'Write a note',
      short: 'Note…',
      icon: StickyNote,
      aliases: 'comment annotate',
      shortcuts: ['Shift+N'],
      when: atHand,
      run: () =>
        page?.open ? curation.askItems('note', [page.current!.item]) : curation.askImages('note', browser),
    };
    this.split = {
      ...ofGrid,
      id: `${room}.split-class`,
      label: 'Split images into a new class',
      short: 'Split…',
      icon: Split,
      run: () => curation.askImages('split', browser),
    };
    this.clear = {
      ...ofGrid,
      id: `${room}.clear-selection`,
      label: 'Clear the selection',
      icon: X,
      aliases: 'deselect unselect',
      shortcuts: ['Escape'],
      when: () => selection.indices.size > 0 || 'No image is selected',
      run: () => selection.clear(),
    };
    this.enlarge = {
      ...ofGrid,
      id: `${room}.enlarge`,
      label: 'Open the image large',
      short: 'Open large',
      aliases: 'zoom view',
      run: () => browser.enlarge(),
    };
    this.copyPath = {
      ...ofImages,
      id: `${room}.copy-path`,
      label: 'Copy the path of the image',
      short: 'Copy path',
      icon: Copy,
      aliases: 'file name location clipboard original',
      shortcuts: ['Alt+Shift+C'],
      when: atHand,
      run: async () => {
        const item = page?.open ? page.current?.item : browser.current;
        if (item) await copyPath(item);
      },
    };
    this.why = {
      id: `${room}.why`,
      get label() {
        return why.shown ? 'Hide why the run says so' : 'Show why the run says so';
      },
      get short() {
        return why.shown ? 'Hide why' : 'Why…';
      },
      icon: ScanSearch,
      aliases: 'explain grad-cam occlusion heat map saliency nearest training images attention',
      shortcuts: ['Shift+W'],
      within: ['large'],
      when: () =>
        runs.current === null ? 'No run has finished yet' : browser.large || 'Open an image large first',
      run: () => (why.shown = !why.shown),
    };
    const step = (by: 1 | -1, name: 'next' | 'previous', shortcut: string): Command => ({
      id: `${room}.${name}-image`,
      label: `Show the ${name} image`,
      short: `${name === 'next' ? 'Next' : 'Previous'} image`,
      icon: by > 0 ? ChevronRight : ChevronLeft,
      shortcuts: [shortcut],
      within: ['large'],
      repeats: true,
      when: listed,
      run: () => browser.step(by),
    });
    this.previous = step(-1, 'previous', 'ArrowLeft');
    this.next = step(1, 'next', 'ArrowRight');
    const resize = (factor: number) =>
      browser.resize(
        Math.round(Math.max(cellSizes.smallest, Math.min(cellSizes.largest, browser.size * factor))),
      );
    this.#others = [
      {
        ...ofGrid,
        id: `${room}.select-all`,
        label: 'Select all images',
        shortcuts: ['Mod+A'],
        run: () => selection.all(browser.items.total ?? 0),
      },
      {
        ...ofGrid,
        id: `${room}.invert-selection`,
        label: 'Invert the selection',
        aliases: 'select others opposite complement',
        shortcuts: ['Mod+I'],
        run: () => selection.invert(browser.items.total ?? 0),
      },
      {
        ...ofGrid,
        id: `${room}.larger`,
        label: 'Enlarge the thumbnails',
        aliases: 'zoom in density',
        run: () => resize(1.25),
      },
      {
        ...ofGrid,
        id: `${room}.smaller`,
        label: 'Shrink the thumbnails',
        aliases: 'zoom out density',
        run: () => resize(0.8),
      },
    ];
  }

  /** As of now, with one for each class. */
  get list(): Command[] {
    const { exclude, hard, note, split, clear, enlarge, copyPath, why: explain, previous, next } = this;
    const fixed = [
      exclude,
      hard,
      note,
      split,
      ...this.#others,
      clear,
      enlarge,
      copyPath,
      explain,
      previous,
      next,
    ];
    return [...fixed, ...studio.classes.map((one) => this.#labelAs(one))];
  }

  #labelAs({ id, name, key }: Class): Command {
    const { room, browser, within, page } = this.options;
    return {
      id: `${room}.class-${id}`,
      label: `Label as ${name}`,
      aliases: 'class category tag',
      ...(key ? { shortcuts: [key] } : {}),
      within: [within, 'large'],
      when: () => this.#atHand(),
      run: () => (page?.open ? page.correct(id) : labels.give(browser, id)),
    };
  }

  /** True where there is an image that a command is for. */
  #atHand(): true | string {
    const { browser, inSight, page } = this.options;
    const seen = inSight?.() ?? true;
    if (seen !== true) return seen;
    // An image that is not read yet is one too: labelling does not wait.
    const some = page?.open ? page.current !== undefined : (browser.items.total ?? 0) > 0;
    return some ? true : 'There is no image here';
  }

  /** Of images that are not read yet it is not known: the dialog says it then. */
  #known(): readonly (Item | undefined)[] {
    const { browser, page } = this.options;
    if (page?.open) return [page.current?.item];
    return browser.selection.targets().map((index) => browser.items.at(index));
  }
}
