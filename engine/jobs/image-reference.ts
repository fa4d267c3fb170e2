/** An image that a command names, as a worker is told of it. */
import { existsSync } from 'node:fs';
import type { ImageChoice } from '#contract/commands.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Uploads } from '../uploads.ts';
import type { ImageReference } from '../worker/protocol.ts';
import type { Workshop } from './workshop.ts';

/**
 * @param paths whether this client may name any file of the machine; asked before anything else
 * @throws FORBIDDEN, NOT_FOUND
 */
export function referenceOf(
  workshop: Pick<Workshop, 'project'>,
  uploads: Uploads,
  image: ImageChoice,
  paths: boolean,
): { reference: ImageReference; name: string } {
  switch (image.kind) {
    case 'item':
      return { reference: image, name: workshop.project().item(image.itemId).name };
    case 'upload': {
      const path = uploads.fileOf(image.uploadId);
      return { reference: { kind: 'file', path, name: image.name }, name: image.name };
    }
    case 'path': {
      if (!paths) {
        throw new AtelierError(
          'FORBIDDEN',
          'Expected an item or an upload: a browser may not name files of this machine. Upload the image.',
        );
      }
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
