/**
 * Registers app:// with Electron, by `protocol.handle` or by its forerunner of Electron 22. What is answered is
 * left to pages.ts.
 */
import { protocol, type ProtocolRequest, session } from 'electron';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import type { PageFile } from '#engine/serve/files.ts';
import { answerPage } from './pages.ts';
import { scheme } from './security.ts';

/** To be called before the app is ready. */
export function declareScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true };
  protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);
}

/** Registers the answers with Electron, whichever version it is. To be called when the app is ready. */
export function servePages(
  files: ReadonlyMap<string, PageFile>,
  studio: (request: ResourceRequest) => Promise<ResourceResponse>,
): void {
  // Electron 22 has no `protocol.handle`, whatever the types of the current one say.
  if ('handle' in protocol) {
    protocol.handle(scheme, async (request) => {
      const { status, headers, body } = await answerPage(
        {
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers.entries()),
          body: async () => new Uint8Array(await request.arrayBuffer()),
        },
        files,
        studio,
      );
      return new Response(body.byteLength === 0 ? null : Buffer.from(body), { status, headers });
    });
    return;
  }
  (protocol as OldProtocol).registerBufferProtocol(scheme, (request, reply) => {
    const { method, url, headers } = request;
    const page = { method, url, headers: lowerCase(headers), body: () => uploaded(request) };
    void answerPage(page, files, studio).then((answer) => {
      const mimeType = answer.headers['content-type'] ?? 'application/octet-stream';
      reply({
        statusCode: answer.status,
        headers: answer.headers,
        mimeType: mimeType.split(';')[0]!,
        data: Buffer.from(answer.body),
      });
    });
  });
}

interface OldProtocol {
  registerBufferProtocol(
    scheme: string,
    handler: (
      request: ProtocolRequest,
      reply: (response: {
        statusCode: number;
        headers: Record<string, string>;
        mimeType: string;
        data: Buffer;
      }) => void,
    ) => void,
  ): void;
}

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Body of a POST in old Electron: bytes, or blobs that the browser holds. Parts that name files of the disk are not taken. */
async function uploaded({ uploadData = [] }: ProtocolRequest): Promise<Uint8Array> {
  const parts = uploadData.map(({ bytes, blobUUID }) =>
    blobUUID ? session.defaultSession.getBlobData(blobUUID) : (bytes ?? Buffer.alloc(0)),
  );
  return Buffer.concat(await Promise.all(parts));
}
