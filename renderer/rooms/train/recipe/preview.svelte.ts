/**
 * What a recipe's augmentations make of real training images, drawn by the code that trains. It is drawn again for what
 * changes the pictures alone; where they are shown is left to AugmentationPreview.
 */
import type { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { fromRpcError } from '#contract/rpc.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

export const previewImages = 6;
export const previewVariants = 4;
const settleMilliseconds = 250;

type Settings = Pick<Recipe, 'preprocessing' | 'augmentation'>;

export class Preview {
  /** Addresses: the images as they are, then a row a variant; none before the first answer. */
  rows: string[][] = $state.raw([]);
  fault: AtelierError | null = $state.raw(null);
  /** True while new pictures are on their way. */
  busy = $state(false);
  #seed = $state(1);
  /** The first classes that there is something to show of. */
  readonly #classIds: number[];
  readonly empty: boolean;
  /** What was asked for last; '' where that failed, so that it is asked for again. */
  #asked = '';
  #sample = { of: '', itemIds: [] as number[] };

  constructor(private readonly studio: Pick<Studio, 'call' | 'project' | 'classes'>) {
    this.#classIds = $derived(
      studio.classes
        .filter(({ counts }) => counts.train > 0)
        .slice(0, previewImages)
        .map(({ id }) => id),
    );
    this.empty = $derived(this.#classIds.length === 0);
  }

  /** Other random changes of the same images. */
  again(): void {
    this.#seed += 1;
  }

  /** Draws these settings, unless they are drawn, once they rest. Returns how to give that up. */
  want({ preprocessing, augmentation }: Settings): () => void {
    const seed = this.#seed;
    const of = JSON.stringify([this.studio.project?.id, this.#classIds]);
    const key = JSON.stringify([of, preprocessing, augmentation, seed]);
    if (this.empty || key === this.#asked) return () => {};
    const draw = () => void this.#draw({ preprocessing, augmentation }, seed, of, key);
    const timer = setTimeout(draw, settleMilliseconds);
    return () => clearTimeout(timer);
  }

  async #draw(settings: Settings, seed: number, of: string, key: string): Promise<void> {
    this.#asked = key;
    this.busy = true;
    try {
      const itemIds = await this.#itemsOf(of);
      const { before, after } = await this.studio.call((client) =>
        client.recipes.preview({ ...settings, itemIds, variants: previewVariants, seed }),
      );
      if (this.#asked !== key) return;
      this.rows = [before, ...after];
      this.fault = null;
    } catch (error) {
      if (this.#asked !== key) return;
      this.fault = fromRpcError(error);
      this.#asked = '';
    }
    this.busy = false;
  }

  /** Training images of the classes in turn, so that the preview shows a variety; the same ones as long as the classes are. */
  async #itemsOf(of: string): Promise<number[]> {
    if (this.#sample.of === of) return this.#sample.itemIds;
    const limit = Math.ceil(previewImages / this.#classIds.length);
    const lists = await Promise.all(
      this.#classIds.map((id) =>
        this.studio.call((client) =>
          client.items.list({ filter: { classIds: [id], splits: ['train'] }, offset: 0, limit }),
        ),
      ),
    );
    const turns = Array.from({ length: limit }, (_, turn) => lists.flatMap(({ items }) => items[turn] ?? []));
    const itemIds = turns
      .flat()
      .slice(0, previewImages)
      .map(({ id }) => id);
    this.#sample = { of, itemIds };
    return itemIds;
  }
}
