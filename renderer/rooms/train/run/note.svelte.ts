/**
 * A note that saves itself: a moment after typing stopped, and at once when it is left. What is shown is the text that the
 * studio has, until something is typed over it; "saved" is only said of a text that the studio has answered for.
 */
const settleMilliseconds = 800;

export class Note {
  /** What was typed and is not on the disk yet. */
  #typed: string | null = $state(null);
  #saving = $state(false);
  #failed = $state(false);
  readonly state: 'saved' | 'typing' | 'saving' | 'failed' = $derived(
    this.#typed === null ? 'saved' : this.#saving ? 'saving' : this.#failed ? 'failed' : 'typing',
  );

  #timer: ReturnType<typeof setTimeout> | null = null;
  #last: Promise<void> = Promise.resolve();

  /** `kept` is the text as the studio told it last; `save` answers whether the new one is on the disk. */
  constructor(
    private readonly kept: () => string,
    private readonly save: (text: string) => Promise<boolean>,
  ) {}

  get text(): string {
    return this.#typed ?? this.kept();
  }

  type(text: string): void {
    this.#typed = text;
    this.#failed = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), settleMilliseconds);
  }

  /** Saves what is not saved yet, one text after the other. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#last = this.#last.then(() => this.#write());
    return this.#last;
  }

  async #write(): Promise<void> {
    const text = this.#typed;
    if (text === null) return;
    this.#saving = true;
    let done = false;
    try {
      done = await this.save(text);
    } catch {
      // Shown as failed; what is typed next must still be written.
    }
    this.#saving = false;
    this.#failed = !done;
    if (done && this.#typed === text) this.#typed = null;
  }
}
