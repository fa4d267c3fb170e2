/**
 * The answer to an app:// request: the window's files from a fixed map, everything else from the studio process.
 * Knows no Electron: registering it is left to protocol.ts.
 */
import { toWireError } from '#contract/errors.ts';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import { type PageFile, pageHeaders } from '#engine/serve/files.ts';
import { contentSecurityPolicy, resourcePolicy, securityHeaders } from '#engine/serve/policy.ts';
import { isOwnAddress } from './security.ts';

interface PageRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: () => Promise<Uint8Array | null>;
}

const studioRooms = /^\/(images|uploads|exports|labels)(\/|$)/;

/** Answers one request. Never throws. */
export async function answerPage(
  request: PageRequest,
  files: ReadonlyMap<string, PageFile>,
  studio: (request: ResourceRequest) => Promise<ResourceResponse>,
): Promise<ResourceResponse> {
  try {
    const reply = await find(request, files, studio);
    return { ...reply, headers: { ...reply.headers, ...securityHeaders } };
  } catch (error) {
    const wire = toWireError(error);
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', ...securityHeaders };
    return {
      status: wire.code === 'NOT_FOUND' ? 404 : 500,
      headers,
      body: Buffer.from(JSON.stringify(wire)),
    };
  }
}

async function find(
  { method, url, headers, body }: PageRequest,
  files: ReadonlyMap<string, PageFile>,
  studio: (request: ResourceRequest) => Promise<ResourceResponse>,
): Promise<ResourceResponse> {
  const notFound = { status: 404, headers: { 'content-type': 'text/plain' }, body: Buffer.from('Not found') };
  if (!isOwnAddress(url)) return notFound;
  const { pathname: path } = new URL(url);
  const file = files.get(path);
  if (file && (method === 'GET' || method === 'HEAD')) {
    const policy = { 'content-security-policy': contentSecurityPolicy() };
    return { status: 200, headers: { ...pageHeaders(file), ...policy }, body: file.body };
  }
  if (!studioRooms.test(path) || (method !== 'GET' && method !== 'HEAD' && method !== 'POST'))
    return notFound;
  const reply = await studio({ method, path, headers, body: method === 'POST' ? await body() : null });
  return { ...reply, headers: { ...reply.headers, 'content-security-policy': resourcePolicy } };
}
