/** Looking inside a run: one image, and what each layer of the network makes of it. */
import type { Item, LayerPicture } from '#contract/entities.ts';
import type { ImageChoice } from '#contract/commands.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Studio } from './studio.svelte.ts';
import { uploadImage } from './uploads.ts';

/** The image that is looked at, with an address at which the window can show it. */
export interface Looked {
  runId: string;
  name: string;
  source: string;
}

export class Inside {
  looked: Looked | null = $state.raw(null);
  /** null until the first answer. */
  layers: LayerPicture[] | null = $state.raw(null);
  busy = $state(false);
  fault: AtelierError | null = $state.raw(null);
  readonly #studio: Studio;
  #asked = 0;
  #again: (() => Promise<void>) | null = null;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  reset(): void {
    this.#asked += 1;
    if (this.looked?.source.startsWith('blob:')) URL.revokeObjectURL(this.looked.source);
    this.looked = null;
    this.layers = null;
    this.fault = null;
    this.busy = false;
    this.#again = null;
  }

  /** An image of the data set. */
  lookAtItem(runId: string, item: Item): Promise<void> {
    const source = this.#studio.imageOf(item.id, 'full');
    return this.#look({ runId, name: item.name, source }, () =>
      Promise.resolve({ kind: 'item', itemId: item.id }),
    );
  }

  /** An image that was dropped or chosen. */
  lookAtFile(runId: string, file: File): Promise<void> {
    const name = file.name || 'image';
    const looked = { runId, name, source: URL.createObjectURL(file) };
    return this.#look(looked, async () => {
      const path = window.atelier?.pathOf(file);
      return path ? { kind: 'path', path } : { kind: 'upload', uploadId: await uploadImage(file), name };
    });
  }

  /** Asks once more after a failure. */
  async retry(): Promise<void> {
    await this.#again?.();
  }

  async #look(looked: Looked, choice: () => Promise<ImageChoice>): Promise<void> {
    const asked = ++this.#asked;
    if (this.looked?.source.startsWith('blob:') && this.looked.source !== looked.source)
      URL.revokeObjectURL(this.looked.source);
    if (this.looked?.runId !== looked.runId) this.layers = null;
    this.looked = looked;
    this.fault = null;
    this.busy = true;
    this.#again = () => this.#look(looked, choice);
    try {
      const image = await choice();
      const layers = await this.#studio.call((client) => client.runs.inspect({ runId: looked.runId, image }));
      // Another image was chosen meanwhile.
      if (asked !== this.#asked) return;
      this.layers = layers;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.layers = null;
      this.fault = error instanceof AtelierError ? error : new AtelierError('INTERNAL', String(error));
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }
}
