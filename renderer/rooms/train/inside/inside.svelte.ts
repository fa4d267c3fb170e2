/** Looking inside a run: one image, and what each layer of the network makes of it. */
import type { ImageChoice } from '#contract/commands/training.ts';
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { LayerPicture } from '#contract/probes.ts';
import type { Item } from '#contract/project.ts';
import type { Run } from '#contract/run.ts';
import type { Studio } from '../../../state/studio.svelte.ts';
import { uploadFile } from '../../../state/uploads.ts';

/** The image that is looked at, with an address at which the window can show it. */
interface Looked {
  runId: string;
  /** The epoch whose weights were looked into. */
  bestEpoch: number | null;
  name: string;
  source: string;
}

type Inspected = Pick<Run, 'id' | 'bestEpoch'>;

export class Inside {
  /** The run that is shown: images dropped on the window are looked into. */
  open: Inspected | null = $state.raw(null);
  looked: Looked | null = $state.raw(null);
  /** null until the first answer. */
  layers: LayerPicture[] | null = $state.raw(null);
  busy = $state(false);
  fault: AtelierError | null = $state.raw(null);
  #asked = 0;
  #again: ((run: Inspected) => Promise<void>) | null = null;

  constructor(private readonly studio: Studio) {}

  reset(): void {
    this.#asked += 1;
    if (this.looked?.source.startsWith('blob:')) URL.revokeObjectURL(this.looked.source);
    this.looked = null;
    this.layers = null;
    this.fault = null;
    this.busy = false;
    this.#again = null;
  }

  receive(event: StudioEvent): void {
    if (event.event === 'run.deleted' && event.runId === this.looked?.runId) this.reset();
  }

  /** True where the run has found better weights since than those that the pictures are of. */
  isOld({ id, bestEpoch }: Inspected): boolean {
    return this.looked?.runId === id && this.looked.bestEpoch !== bestEpoch;
  }

  /** An image of the data set. */
  lookAtItem(run: Inspected, item: Item): Promise<void> {
    const source = this.studio.imageOf(item.id, 'full');
    return this.#look({ run, name: item.name, source }, () =>
      Promise.resolve({ kind: 'item', itemId: item.id }),
    );
  }

  /** An image that was dropped or chosen. */
  lookAtFile(run: Inspected, file: File): Promise<void> {
    const name = file.name || 'image';
    return this.#look({ run, name, source: URL.createObjectURL(file) }, async () => {
      const path = window.atelier?.pathOf(file);
      return path ? { kind: 'path', path } : { kind: 'upload', uploadId: await uploadFile(file), name };
    });
  }

  /** Asks once more: after a failure, or of the weights that the run has now. */
  async again(run: Inspected): Promise<void> {
    await this.#again?.(run);
  }

  async #look(
    { run, ...image }: { run: Inspected; name: string; source: string },
    choice: () => Promise<ImageChoice>,
  ): Promise<void> {
    const asked = ++this.#asked;
    const looked: Looked = { runId: run.id, bestEpoch: run.bestEpoch, ...image };
    if (this.looked?.source.startsWith('blob:') && this.looked.source !== looked.source)
      URL.revokeObjectURL(this.looked.source);
    if (this.looked?.runId !== looked.runId) this.layers = null;
    this.looked = looked;
    this.fault = null;
    this.busy = true;
    this.#again = (now) => this.#look({ run: now, ...image }, choice);
    try {
      const chosen = await choice();
      const layers = await this.studio.call((client) =>
        client.runs.inspect({ runId: run.id, image: chosen }),
      );
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
