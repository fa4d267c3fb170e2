/** What is dropped anywhere on the window: images are classified, a folder becomes data. */
import type { AtelierError } from '#contract/errors.ts';
import { looksLikeImage } from '#contract/image-formats.ts';
import type { ImportPlanStore } from '../rooms/data/import-plan.svelte.ts';
import type { Navigation } from '../state/navigation.svelte.ts';
import { report, say } from '../state/notices.ts';
import type { Projects } from '../state/projects.svelte.ts';
import type { Runs } from '../state/runs.svelte.ts';
import type { Inside } from '../rooms/train/inside/inside.svelte.ts';
import type { ShipStore } from '../rooms/ship/ship.svelte.ts';
import type { Studio } from '../state/studio.svelte.ts';
import type { DroppedFile } from '../state/uploads.ts';

interface Rooms {
  studio: Studio;
  projects: Projects;
  plans: ImportPlanStore;
  runs: Runs;
  inside: Inside;
  ship: ShipStore;
  navigation: Navigation;
}

const filesAtMost = 50_000;
const isImage = (file: File) => file.type.startsWith('image/') || looksLikeImage(file.name);

export class Drops {
  /** Something is held over the window. */
  over = $state(false);

  constructor(private readonly rooms: Rooms) {}

  async take(transfer: DataTransfer): Promise<void> {
    // Entries are gone once the event is over: all are taken before the first wait.
    const entries = [...transfer.items]
      .map((item) => item.webkitGetAsEntry())
      .filter((entry) => entry !== null);
    const files = [...transfer.files];
    const { inside } = this.rooms;
    try {
      if (entries.some(({ isDirectory }) => isDirectory) || !files.every(isImage))
        await this.#takeFolder(entries, files);
      else if (files[0] && inside.open) await inside.lookAtFile(inside.open, files[0]);
      else if (files.length > 0) await this.#classify(files);
    } catch (error) {
      report(error as AtelierError);
    }
  }

  async #classify(files: File[]): Promise<void> {
    const { runs, ship, navigation } = this.rooms;
    if (!this.rooms.studio.project)
      return say('Open a project first: an image is classified by one of its runs.');
    if (!runs.current) return say('There is no trained run yet. Train one, then drop the image again.');
    navigation.go('ship');
    await ship.classify(runs.current.id, files);
  }

  async #takeFolder(entries: FileSystemEntry[], files: File[]): Promise<void> {
    const path = files[0] ? window.atelier?.pathOf(files[0]) : '';
    if (path) {
      if (files.length > 1) say('One folder at a time: the first one is imported.');
      await (path.endsWith('.atelier') ? this.rooms.projects.open(path) : this.rooms.plans.beginPath(path));
      return;
    }
    const dropped: DroppedFile[] = [];
    for (const entry of entries) await collect(entry, dropped);
    if (entries.length === 0) dropped.push(...files.map((file) => ({ file, path: file.name })));
    await this.rooms.plans.beginFiles(dropped, entries[0]?.name ?? 'Upload');
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
