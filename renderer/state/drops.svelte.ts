/** What is dropped anywhere on the window: images are classified, a folder becomes data. */
import type { AtelierError } from '#contract/errors.ts';
import { looksLikeImage } from '#contract/image-formats.ts';
import { counted } from '../format.ts';
import type { ImportPlanDesk } from './import-plan.svelte.ts';
import type { Navigation } from './navigation.svelte.ts';
import { report, say } from './notices.ts';
import { lastName, type Projects } from './projects.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { ShipDesk } from './ship.svelte.ts';
import type { Studio } from './studio.svelte.ts';
import { type DroppedFile, uploadFolder } from './uploads.ts';

interface Rooms {
  studio: Studio;
  projects: Projects;
  plans: ImportPlanDesk;
  runs: Runs;
  ship: ShipDesk;
  navigation: Navigation;
}

const filesAtMost = 50_000;
const isImage = (file: File) => file.type.startsWith('image/') || looksLikeImage(file.name);

export class Drops {
  /** Something is held over the window. */
  over = $state(false);
  /** Files sent so far, while a folder is on its way. */
  sending: { done: number; total: number } | null = $state.raw(null);
  /** Who takes dropped images in place of Ship, while it is shown, and what for. */
  taker: { words: string; take: (files: File[]) => void } | null = $state.raw(null);
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  async take(transfer: DataTransfer): Promise<void> {
    // Entries are gone once the event is over: all are taken before the first wait.
    const entries = [...transfer.items]
      .map((item) => item.webkitGetAsEntry())
      .filter((entry) => entry !== null);
    const files = [...transfer.files];
    try {
      if (entries.some(({ isDirectory }) => isDirectory) || !files.every(isImage))
        await this.#takeFolder(entries, files);
      else if (files.length > 0 && this.taker) this.taker.take(files);
      else if (files.length > 0) await this.classify(files);
    } catch (error) {
      report(error as AtelierError);
    } finally {
      this.sending = null;
    }
  }

  /** Files chosen in a dialog. */
  async classify(files: File[]): Promise<void> {
    const { runs, ship, navigation } = this.#rooms;
    if (!this.#rooms.studio.project)
      return say('Open a project first: an image is classified by one of its runs.');
    if (!runs.current) return say('There is no trained run yet. Train one, then drop the image again.');
    navigation.go('ship');
    await ship.classify(runs.current.id, files);
  }

  /** All files of a folder chosen by an <input webkitdirectory>. */
  async takeFiles(files: File[]): Promise<void> {
    try {
      const dropped = files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));
      await this.#upload(dropped, dropped[0]?.path.split('/')[0] ?? 'Upload');
    } catch (error) {
      report(error as AtelierError);
    } finally {
      this.sending = null;
    }
  }

  /** A path of this machine, as a project of its own or into the open one, once what it is taken for is confirmed. */
  async takePath(path: string): Promise<void> {
    await this.#rooms.plans.begin({ source: { kind: 'path', path }, name: lastName(path) });
  }

  async #takeFolder(entries: FileSystemEntry[], files: File[]): Promise<void> {
    const path = files[0] ? window.atelier?.pathOf(files[0]) : '';
    if (path) {
      if (files.length > 1) say('One folder at a time: the first one is imported.');
      await (path.endsWith('.atelier') ? this.#rooms.projects.open(path) : this.takePath(path));
      return;
    }
    const dropped: DroppedFile[] = [];
    for (const entry of entries) await collect(entry, dropped);
    if (entries.length === 0) dropped.push(...files.map((file) => ({ file, path: file.name })));
    await this.#upload(dropped, entries[0]?.name ?? 'Upload');
  }

  async #upload(files: DroppedFile[], name: string): Promise<void> {
    this.sending = { done: 0, total: files.length };
    const { uploadId, refused } = await uploadFolder(
      files,
      (done) => (this.sending = { done, total: files.length }),
    );
    if (refused.length > 0) {
      say(
        `${counted(refused.length, 'file')} could not be sent: ${refused.slice(0, 3).join(', ')}${refused.length > 3 ? ' …' : ''}`,
      );
    }
    this.sending = null;
    await this.#rooms.plans.begin({ source: { kind: 'upload', uploadId }, name });
  }
}

async function collect(entry: FileSystemEntry, into: DroppedFile[]): Promise<void> {
  if (into.length >= filesAtMost || entry.name.startsWith('.')) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    into.push({ file, path: entry.fullPath.replace(/^\/+/, '') });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader answers in portions, and with nothing at the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return;
    for (const child of portion) await collect(child, into);
  }
}
