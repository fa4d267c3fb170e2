/** Brings dropped bytes to the studio, one request a file. Where a path is at hand (Electron), none of this is needed. */
import { AtelierError, WireError } from '#contract/errors.ts';
import { resources, uploadPathHeader } from '#contract/resources.ts';
import { sessionHeaders } from '../session.ts';

export interface DroppedFile {
  file: File;
  /** Path within the dropped folder, with forward slashes; the name where there is none. */
  path: string;
}

const atOnce = 4;

/** @throws what the studio answered, or CONNECTION_LOST */
async function post(address: string, { file, path }: DroppedFile): Promise<string> {
  let response: Response;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: {
        ...sessionHeaders(),
        [uploadPathHeader]: encodeURIComponent(path),
        'content-type': file.type || 'application/octet-stream',
      },
      body: file,
    });
  } catch (cause) {
    throw new AtelierError(
      'CONNECTION_LOST',
      `“${path}” could not be sent to the studio. Try again.`,
      {},
      { cause },
    );
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const wire = WireError.safeParse(answer);
    throw wire.success
      ? AtelierError.fromWire(wire.data)
      : new AtelierError('BAD_REQUEST', `The studio did not take “${path}” (status ${response.status}).`);
  }
  return (answer as { uploadId?: string } | null)?.uploadId ?? '';
}

export const uploadFile = (file: File): Promise<string> =>
  post(resources.uploads, { file, path: file.name || 'image' });

interface FolderUpload {
  uploadId: string;
  /** Files that the studio would not take, such as empty ones. */
  refused: string[];
}

/**
 * Sends all files of a folder as one upload, a few at a time. A file that is refused does not stop the others.
 * @throws SOURCE_EMPTY where none was taken, CONNECTION_LOST
 */
export async function uploadFolder(
  files: readonly DroppedFile[],
  onProgress: (done: number) => void,
): Promise<FolderUpload> {
  const waiting = [...files].reverse();
  const refused: string[] = [];
  let done = 0;
  let failure: unknown = null;

  const send = async (address: string, file: DroppedFile): Promise<string | null> => {
    try {
      return await post(address, file);
    } catch (error) {
      if (!(error instanceof AtelierError) || error.code !== 'BAD_REQUEST') throw error;
      refused.push(file.path);
      return null;
    } finally {
      if (failure === null) onProgress((done += 1));
    }
  };

  // The first file that is taken makes the upload; the others join it.
  let uploadId: string | null = null;
  for (
    let file = waiting.pop();
    file && uploadId === null;
    file = uploadId === null ? waiting.pop() : undefined
  ) {
    uploadId = await send(resources.uploads, file);
  }
  if (uploadId === null) {
    throw new AtelierError(
      'SOURCE_EMPTY',
      'The folder holds no file that could be sent. Drop one with images in it.',
    );
  }
  const address = resources.upload(uploadId);
  const take = async () => {
    for (let file = waiting.pop(); file && failure === null; file = waiting.pop()) await send(address, file);
  };
  await Promise.all(
    Array.from({ length: atOnce }, () =>
      take().catch((error: unknown) => {
        failure ??= error;
      }),
    ),
  );
  if (failure !== null) throw failure;
  return { uploadId, refused };
}
