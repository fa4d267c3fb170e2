/** Which dialog of a room is open, where a command opens it. What it asks and does is the dialog's own. */
import type { Store } from '../state/store.ts';

export class Dialogs<Name extends string> implements Store {
  open: Name | null = $state(null);

  show(name: Name): void {
    this.open = name;
  }
  readonly close = (): void => {
    this.open = null;
  };

  /** Another project. */
  reset(): void {
    this.close();
  }
}
