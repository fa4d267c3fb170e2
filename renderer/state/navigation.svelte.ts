/** Which room is shown. The address carries it, so that back, forward and reload work. */
import { type Room, rooms } from '#contract/menu.ts';
import type { ItemFilter, Project } from '#contract/project.ts';

export { type Room, roomNames, rooms } from '#contract/menu.ts';

/** Whether nothing of a project has a class yet: then labelling is what there is to do. */
export const isAllUnlabelled = (project: Project | null): boolean =>
  project !== null && project.counts.total > 0 && project.counts.unlabelled === project.counts.total;

const roomOf = (hash: string): Room => rooms.find((room) => hash === `#/${room}`) ?? 'data';

/** `suspects`: probable label errors, to be repaired. */
export type Wish = 'suspects';

type Frame = Pick<Window, 'addEventListener'> & { location: { hash: string } };

export class Navigation {
  room: Room = $state('data');
  #wish: Wish | null = null;
  /** What Data is asked to list, until it does. */
  asked: ItemFilter | null = $state.raw(null);

  constructor(private readonly frame: Frame) {
    this.room = roomOf(frame.location.hash);
    frame.addEventListener('hashchange', () => (this.room = roomOf(frame.location.hash)));
  }

  /** What the room that was just entered is to show; once. */
  takeWish(): Wish | null {
    const wish = this.#wish;
    this.#wish = null;
    return wish;
  }

  /** Lists these images in Data. */
  list(filter: ItemFilter): void {
    this.asked = filter;
    this.go('data');
  }

  /** @param wish what the room is to show where it can show several things; it takes that when it is entered */
  go(room: Room, wish: Wish | null = null): void {
    this.#wish = wish;
    this.room = room;
    this.frame.location.hash = `/${room}`;
  }
}
