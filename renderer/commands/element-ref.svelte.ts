/** An element that a command needs: a box that takes the focus, or a file picker that it opens. Handed to the element as an attachment. */
export class ElementRef<T extends HTMLElement = HTMLElement> {
  /** Null while it is not in the window. */
  current: T | null = $state.raw(null);

  readonly attach = (element: T): (() => void) => {
    this.current = element;
    return () => {
      if (this.current === element) this.current = null;
    };
  };
}
