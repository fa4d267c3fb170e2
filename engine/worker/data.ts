/**
 * What a training or a probe learns from: the snapshot in a folder, and the pixels of the project at the recipe's size, which
 * are read where somebody looks at them. `packed` grows as images are brought to size.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { PixelSource, TrainingData } from '#learning/training/loop/training-data.ts';
import { nothingPaced, type Paced } from '#learning/timing/paced.ts';
import { requireUnedited } from '../images/storage/edited.ts';
import { loadPack, pixelDigest } from '../images/packs/pack.ts';
import { readSnapshot } from '../project/snapshot.ts';
import type { StepDone } from './protocol.ts';

/** @throws INTERNAL where the folder holds no snapshot, and, of files that were edited, ORIGINAL_CHANGED; reading the pixels throws what `loadPack` throws */
export async function trainingData(
  input: { project: string; folder: string; recipe: Recipe; classCount: number; resume?: boolean },
  emit: (event: StepDone) => void,
  signal: AbortSignal,
): Promise<{ data: TrainingData; packed: Paced }> {
  const { project, folder, recipe, classCount } = input;
  const snapshot = await readSnapshot(folder);
  if (!snapshot) throw new AtelierError('INTERNAL', `Training expects a snapshot of the data in ${folder}.`);
  const { labels, train, validation } = snapshot;
  const rows = [...train, ...validation];
  // What is gone on with saw the images as they were imported, and goes on with those.
  const fresh = !input.resume;
  // Whoever learns from what frozen layers gave may never look at a pixel, and must know of edited files all the same.
  const later = recipe.training.frozenLayers > 0;
  if (later && fresh) await requireUnedited(project, snapshot.lastItemId, rows);
  const packed = nothingPaced();
  let pack: Promise<Uint8Array> | null = null;
  const pixels: PixelSource = {
    digest: pixelDigest(project, recipe.preprocessing, snapshot.lastItemId, rows),
    read() {
      const began = performance.now();
      pack ??= loadPack(project, recipe.preprocessing, snapshot.lastItemId, {
        rows,
        fresh: fresh && !later,
        signal,
        onProgress(done, total) {
          packed.count = done;
          emit({ kind: 'step', done, total, unit: 'images' });
        },
      }).then((loaded) => {
        // With what putting them on the disk took; a pack that was there already is read in no time.
        if (packed.count > 0) packed.seconds = (performance.now() - began) / 1000;
        return loaded.pixels;
      });
      return pack;
    },
  };
  return { data: { pixels, labels, train, validation, classCount }, packed };
}
