/** What people wait for, answered by the warm worker: a prediction, a look into the network, a preview. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { ImageChoice } from '#contract/commands/training.ts';
import type { Prediction } from '#contract/evaluation.ts';
import type { LayerPicture } from '#contract/probes.ts';
import { resources } from '#contract/resources.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Uploads } from '../uploads.ts';
import type { ImageReference, Input } from '../worker/protocol.ts';
import { requireWeights } from './evaluate.ts';
import { type JobServices, previewFolder } from './job-services.ts';
import { requireOrdinaryPlace } from '../places.ts';

/** @throws NOT_FOUND, CONFLICT where the run has no weights, IMAGE_UNREADABLE, WORKER_DIED */
export async function predictImage(
  services: JobServices,
  uploads: Uploads,
  runId: string,
  image: ImageChoice,
): Promise<Prediction> {
  const { reference, name } = referenceOf(services, uploads, image);
  const project = services.project();
  const { runs } = project;
  requireWeights(runs.get(runId));
  const { previewId, folder } = previewFolder(services);
  const { probabilities, verdict, judged, milliseconds } = await uploads.during(uploadOf(image), () =>
    services.warm.run('predict', {
      project: project.path,
      folder: runs.folderOf(runId),
      image: reference,
      networkImage: join(folder, '0'),
      fullImage: join(folder, '1'),
    }),
  );
  return {
    runId,
    itemId: image.kind === 'item' ? image.itemId : null,
    name,
    classes: runs.classesOf(runId),
    probabilities,
    predicted: probabilities.indexOf(Math.max(...probabilities)),
    verdict,
    judged,
    networkImage: resources.networkView(previewId, 0),
    image: resources.networkView(previewId, 1),
    milliseconds,
  };
}

export const uploadOf = (image: ImageChoice) => (image.kind === 'upload' ? image.uploadId : null);

/** What each layer makes of one image; pictures are kept like those of a prediction. Throws as `predictImage` does. */
export async function inspectImage(
  services: JobServices,
  uploads: Uploads,
  runId: string,
  image: ImageChoice,
): Promise<LayerPicture[]> {
  const { reference } = referenceOf(services, uploads, image);
  const project = services.project();
  const { runs } = project;
  requireWeights(runs.get(runId));
  const { previewId, folder } = previewFolder(services);
  const layers = await uploads.during(uploadOf(image), () =>
    services.warm.run('inspect', {
      project: project.path,
      folder: runs.folderOf(runId),
      image: reference,
      pictures: folder,
    }),
  );
  return layers.map(({ activations, filters, ...layer }, index) => ({
    ...layer,
    activations: activations ? resources.layerPicture(previewId, 'activations', index) : null,
    filters: filters ? resources.layerPicture(previewId, 'filters', index) : null,
  }));
}

/** @returns addresses: the items as they are, then a list per variant */
export async function previewRecipe(
  services: JobServices,
  asked: Omit<Input<'preview'>, 'project' | 'folder'>,
): Promise<{ before: string[]; after: string[][] }> {
  const project = services.project();
  const { previewId, folder } = previewFolder(services);
  await services.warm.run('preview', { ...asked, project: project.path, folder });
  const count = asked.itemIds.length;
  const row = (variant: number) =>
    asked.itemIds.map((_, index) => resources.networkView(previewId, variant * count + index));
  return { before: row(0), after: Array.from({ length: asked.variants }, (_, index) => row(index + 1)) };
}

/** Which paths a browser may name is looked at before this. @throws NOT_FOUND, IMAGE_UNREADABLE for what is no file */
export function referenceOf(
  services: Pick<JobServices, 'project'>,
  uploads: Uploads,
  image: ImageChoice,
): { reference: ImageReference; name: string } {
  switch (image.kind) {
    case 'item':
      return { reference: image, name: services.project().item(image.itemId).name };
    case 'upload': {
      const path = uploads.fileOf(image.uploadId);
      return { reference: { kind: 'file', path, name: image.name }, name: image.name };
    }
    case 'path': {
      requireOrdinaryPlace(image.path, 'IMAGE_UNREADABLE');
      const name = image.path.split(/[\\/]/).pop()!;
      if (!existsSync(image.path)) {
        throw new AtelierError(
          'NOT_FOUND',
          `Expected an image at ${image.path}, but nothing is there. Check the path.`,
          { path: image.path },
        );
      }
      return { reference: { kind: 'file', path: image.path, name }, name };
    }
  }
}
