/**
 * Images on their way from a grid to a class. What is held is known here; what letting go does is said by the grid that it came
 * from. How it looks is parts/grid/drag-picture.ts. The same by keys: the class's own.
 */

/** So that nothing else takes what is held for something of its own. */
export const dragType = 'application/x-atelier-images';

export class ImageDrag {
  /** Images that are held; 0 where nothing is. */
  count = $state(0);
  #give: (classId: number) => void = () => {};

  /** @param give what letting go over a class does */
  begin(
    transfer: Pick<DataTransfer, 'setData' | 'effectAllowed'>,
    count: number,
    give: (classId: number) => void,
  ): void {
    transfer.setData(dragType, String(count));
    transfer.effectAllowed = 'copy';
    this.count = count;
    this.#give = give;
  }

  drop(classId: number): void {
    if (this.count > 0) this.#give(classId);
    this.end();
  }

  end(): void {
    this.count = 0;
    this.#give = () => {};
  }
}
