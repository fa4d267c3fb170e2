/** Brings dropped bytes to the studio, one request a file. Where a path is at hand (Electron), none of this is needed. */
import { AtelierError, WireError } from '#contract/errors.ts';
import { resources, uploadPathHeader } from '#contract/resources.ts';

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

export const uploadImage = (file: File): Promise<string> =>
  post(resources.uploads, { file, path: file.name || 'image' });

/** Sends all files of a folder as one upload, a few at a time. Answers the upload's id. */
export async function uploadFolder(
  files: DroppedFile[],
  onProgress: (done: number) => void,
): Promise<string> {
  const [first, ...rest] = files;
  if (!first)
    throw new AtelierError('SOURCE_EMPTY', 'The folder holds no files. Drop one with images in it.');
  const uploadId = await post(resources.uploads, first);
  let done = 1;
  onProgress(done);
  const take = async () => {
    for (let file = rest.pop(); file; file = rest.pop()) {
      await post(resources.upload(uploadId), file);
      onProgress((done += 1));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  return uploadId;
}
