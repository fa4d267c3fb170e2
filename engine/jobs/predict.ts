/** What people wait for, answered by the warm worker: a prediction, a preview, an image to look at large. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Prediction } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { resources } from '#contract/resources.ts';
import type { Uploads } from '../uploads.ts';
import type { ImageReference, Input } from '../worker/protocol.ts';
import { requireWeights } from './evaluate.ts';
import { previewFolder, type Workshop } from './workshop.ts';

/** The image of a `predictions.predict` command. */
export type AskedImage =
  | { kind: 'item'; itemId: number }
  | { kind: 'upload'; uploadId: string; name: string }
  | { kind: 'path'; path: string };

/**
 * @param paths whether this client may name any file of the machine
 * @throws FORBIDDEN, NOT_FOUND, CONFLICT where the run has no weights, IMAGE_UNREADABLE, WORKER_DIED
 */
export async function predictImage(
  workshop: Workshop,
  uploads: Uploads,
  runId: string,
  image: AskedImage,
  paths: boolean,
): Promise<Prediction> {
  if (image.kind === 'path' && !paths) {
    throw new AtelierError(
      'FORBIDDEN',
      'Expected an item or an upload: a browser may not name files of this machine. Upload the image.',
    );
  }
  const project = workshop.project();
  const { runs } = project;
  requireWeights(runs.get(runId));
  const { previewId, folder } = previewFolder(workshop);
  const { reference, name } = referenceOf(image);
  const { probabilities, milliseconds } = await workshop.warm.run('predict', {
    project: project.path,
    folder: runs.folderOf(runId),
    image: reference,
    networkImage: join(folder, '0'),
    fullImage: join(folder, '1'),
  });
  return {
    runId,
    itemId: image.kind === 'item' ? image.itemId : null,
    name,
    classes: runs.classesOf(runId),
    probabilities,
    predicted: probabilities.indexOf(Math.max(...probabilities)),
    networkImage: resources.networkView(previewId, 0),
    image: resources.networkView(previewId, 1),
    milliseconds,
  };

  function referenceOf(asked: AskedImage): { reference: ImageReference; name: string } {
    switch (asked.kind) {
      case 'item':
        return { reference: asked, name: project.item(asked.itemId).name };
      case 'upload': {
        const path = uploads.fileOf(asked.uploadId);
        return { reference: { kind: 'file', path, name: asked.name }, name: asked.name };
      }
      case 'path': {
        const name = asked.path.split(/[\\/]/).pop()!;
        if (!existsSync(asked.path)) {
          throw new AtelierError(
            'NOT_FOUND',
            `Expected an image at ${asked.path}, but nothing is there. Check the path.`,
            { path: asked.path },
          );
        }
        return { reference: { kind: 'file', path: asked.path, name }, name };
      }
    }
  }
}

/** @returns addresses: the items as they are, then a list per variant */
export async function previewRecipe(
  workshop: Workshop,
  asked: Omit<Input<'preview'>, 'project' | 'folder'>,
): Promise<{ before: string[]; after: string[][] }> {
  const project = workshop.project();
  const { previewId, folder } = previewFolder(workshop);
  await workshop.warm.run('preview', { ...asked, project: project.path, folder });
  const count = asked.itemIds.length;
  const row = (variant: number) =>
    asked.itemIds.map((_, index) => resources.networkView(previewId, variant * count + index));
  return { before: row(0), after: Array.from({ length: asked.variants }, (_, index) => row(index + 1)) };
}
