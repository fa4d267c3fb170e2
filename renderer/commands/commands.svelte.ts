/**
 * All commands of the window: which of them can be done now, and doing one, by its button, its shortcut, the palette or
 * the application menu. What each is stands with its room; the list is command-list.ts.
 */
import { type Navigation, type Room, roomNames } from '../state/navigation.svelte.ts';
import { say } from '../state/notices.ts';
import type { Studio } from '../state/studio.svelte.ts';
import { type Command, type CommandSource, roomOf } from './command.ts';
import type { Place } from './place.ts';
import { matches, type Stroke } from './shortcut.ts';

export class Commands {
  #sources: readonly CommandSource[] = [];

  constructor(
    private readonly navigation: Pick<Navigation, 'room'>,
    private readonly studio: Pick<Studio, 'project'>,
  ) {}

  /** Once, before the window is shown. */
  register(sources: readonly CommandSource[]): void {
    this.#sources = sources;
  }

  get all(): readonly Command[] {
    return this.#sources.flatMap((source) => source());
  }

  /** Those of the room that is shown, then those of everywhere; whether each can be done is `reason`. */
  get here(): readonly Command[] {
    const ofRoom = (wanted: Room | undefined) => this.all.filter((command) => roomOf(command) === wanted);
    return [...(this.studio.project ? ofRoom(this.navigation.room) : []), ...ofRoom(undefined)];
  }

  /** Why it cannot be done now; null where it can. */
  reason(command: Command): string | null {
    const room = roomOf(command);
    if (room && (this.studio.project === null || this.navigation.room !== room))
      return `In ${roomNames[room]}`;
    const can = command.when?.() ?? true;
    return can === true ? null : can;
  }

  /** Does it, where it can be done. */
  run(command: Command): void {
    if (this.reason(command) === null) void command.run();
  }

  /** As the application menu asks for it; where it cannot be done, that is told. */
  choose(id: string): void {
    const command = this.all.find((one) => one.id === id);
    const reason = command && this.reason(command);
    if (reason) say(reason.endsWith('.') ? reason : `${reason}.`);
    else if (command) this.run(command);
  }

  /**
   * Does what a pressed key is the shortcut of.
   * @param places where it was pressed, see placesOf
   * @returns whether it was one that can be done here
   */
  pressed(stroke: Stroke, places: readonly Place[]): boolean {
    if (places.length === 0) return false;
    const command = this.here.find(
      ({ shortcuts, within = ['room'], repeats }) =>
        within.some((place) => places.includes(place)) &&
        (repeats || !stroke.repeat) &&
        shortcuts?.some((shortcut) => matches(shortcut, stroke)),
    );
    if (!command || this.reason(command) !== null) return false;
    this.run(command);
    return true;
  }
}
