/** An image that a command names, as a worker is told of it. */
import { existsSync } from 'node:fs';
import type { ImageChoice } from '#contract/commands.ts';
import { AtelierError } from '#contract/errors.ts';
import { requireOrdinaryPlace } from '../places.ts';
import type { Uploads } from '../uploads.ts';
import type { ImageReference } from '../worker/protocol.ts';
import type { JobServices } from './job-services.ts';

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
