/** The command palette and the list of keyboard shortcuts: which is open, and what was used last. What they look like is left to their dialogs. */
import * as z from 'zod';
import type { Command } from '../commands/command.ts';
import type { Commands } from '../commands/commands.svelte.ts';

const storageName = 'atelier.recent-commands';
const remembered = 12;

export class CommandView {
  /** Which of the two is open. */
  open: 'palette' | 'shortcuts' | null = $state(null);
  /** Ids of the commands that were taken from the palette, latest first. */
  recent: readonly string[] = $state.raw([]);
  #taken: Command | null = null;

  constructor(
    private readonly commands: Commands,
    private readonly store: Pick<Storage, 'getItem' | 'setItem'>,
  ) {
    this.recent = readRecent(store);
  }

  show(what: 'palette' | 'shortcuts'): void {
    this.open = what;
  }
  close(): void {
    this.open = null;
  }

  /** Closes the palette to do this, where it can be done. */
  take(command: Command): void {
    if (this.commands.reason(command) !== null) return;
    this.recent = [command.id, ...this.recent.filter((id) => id !== command.id)].slice(0, remembered);
    try {
      this.store.setItem(storageName, JSON.stringify(this.recent));
    } catch {
      // The storage is full or switched off: they are remembered until the window closes.
    }
    this.#taken = command;
    this.close();
  }

  /** The palette is gone and the focus is back where it was: what was taken is done now. */
  gone(): void {
    const taken = this.#taken;
    this.#taken = null;
    if (taken) this.commands.run(taken);
  }
}

function readRecent(store: Pick<Storage, 'getItem'>): readonly string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(store.getItem(storageName) ?? '[]'));
  } catch {
    return [];
  }
}
