/**
 * What the preload hands to the window in Electron: named methods only. In a browser it is absent.
 */
export interface Bridge {
  /** Asks main for a port to the studio process; it arrives as the window message `portMessage`. */
  requestPort(): void;
  /** Path of a dropped or chosen DOM `File`; empty where it has none. */
  pathOf(file: unknown): string;
  /** The system's dialog; null when the person cancels. */
  chooseFolder(title: string): Promise<string | null>;
  chooseSavePath(suggestedName: string): Promise<string | null>;
  /** Shows the open project's folder in the system's file manager. */
  revealProject(): Promise<void>;
  /** Shows a run's last export in the system's file manager. */
  revealExport(runId: string): Promise<void>;
  /** Told of the command that is chosen in the application menu, by its id (contract/menu.ts). */
  onCommand(run: (id: string) => void): void;
  platform: 'linux' | 'darwin' | 'win32';
}

/** `event.data` of the window message that carries the port to the studio process. */
export const portMessage = 'atelier:port';

/**
 * `event.data` of the window message that says the studio process died: pending calls will not be answered.
 * A new port follows by itself as a `portMessage`, unless main has given up and says so in a dialog.
 */
export const stoppedMessage = 'atelier:stopped';
