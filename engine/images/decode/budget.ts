/**
 * How much may be in memory at once: those who decode say beforehand how many bytes it takes, and wait until there is
 * room. First come, first served, so that a large picture is not put off for ever by small ones.
 */

export class Budget {
  #free: number;
  readonly #waiting: { bytes: number; start: () => void }[] = [];

  constructor(readonly capacity: number) {
    this.#free = capacity;
  }

  /** Runs `work` when `bytes` are free; what needs more than there is runs alone. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(Math.max(bytes, 1), this.capacity);
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes: taken, start });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#free += taken;
      this.#admit();
    }
  }

  /** Runs `work` while nothing else of this budget runs. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.run(this.capacity, work);
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (!next || next.bytes > this.#free) return;
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.start();
    }
  }
}
