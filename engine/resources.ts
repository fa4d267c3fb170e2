/**
 * Answers requests for bytes: images by id, uploads, labels as CSV, bundles. Knows ids only; no part of an address ever
 * becomes a path without being matched first. Security headers are left to the transport.
 */
import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { exporterOf, type ExportedRun } from '#contract/exporters.ts';
import { isComputed, ItemFilter } from '#contract/project.ts';
import {
  type ResourceRequest,
  type ResourceResponse,
  resources,
  uploadPathHeader,
} from '#contract/resources.ts';
import { imageType, makeSheet, sheetTag, thumbnailOf } from './images/thumbnails/sheet.ts';
import { storageOf } from './images/storage/storages.ts';
import { writeFactValues } from '#contract/image-facts.ts';
import { writeItemList } from '#contract/item-list.ts';
import { writeMapPoints } from '#contract/map-points.ts';
import { SampleSheet } from '#contract/sample-sheet.ts';
import { mostInSheet, readIds } from '#contract/sheet.ts';
import { drawSampleSheet } from './jobs/sample-sheet.ts';
import type { JobServices } from './jobs/job-services.ts';
import { labelsAsCsv } from './project/label-csv.ts';
import type { Uploads } from './uploads.ts';
import type { ImageReference } from './worker/protocol.ts';

const ok = (
  contentType: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
): ResourceResponse => ({
  status: 200,
  headers: { 'content-type': contentType, 'content-length': String(body.byteLength), ...headers },
  body,
});

const zipMark = Buffer.from('PK\x03\x04');
const forever = { 'cache-control': 'private, max-age=31536000, immutable' };

/** @throws NOT_FOUND, BAD_REQUEST, NO_PROJECT, IMAGE_UNREADABLE, WORKER_DIED */
export async function answerResource(
  services: JobServices,
  uploads: Uploads,
  request: ResourceRequest,
): Promise<ResourceResponse> {
  const { method, path } = request;
  if (method === 'POST') return upload(uploads, request);

  const item = /^\/images\/items\/(\d{1,15})\/(thumbnail|full)$/.exec(path);
  if (item) return itemImage(services, Number(item[1]), item[2] as 'thumbnail' | 'full', request);

  const sheet = /^\/images\/sheets\/([\d,-]{1,4200})$/.exec(path);
  if (sheet) return itemSheet(services, sheet[1]!, request);

  const listed = /^\/images\/lists\/([^/]{1,4000})\/(\d{1,15})-(\d{1,15})$/.exec(path);
  if (listed) return listSheet(services, listed[1]!, Number(listed[2]), Number(listed[3]));

  const map = /^\/images\/points\/([0-9a-f]{16})$/.exec(path);
  if (map) return mapPoints(services, map[1]!);

  const facts = /^\/images\/facts\/([0-9a-f]{16})$/.exec(path);
  if (facts) return factValues(services, facts[1]!);

  const list = /^\/images\/all\/([^/]{1,8000})$/.exec(path);
  if (list) return itemList(services, list[1]!);

  const samples = /^\/images\/samples\/([^/]{1,8000})$/.exec(path);
  if (samples) return samplesOf(services, samples[1]!);

  const preview =
    /^\/images\/previews\/([0-9a-z]{9,12}-[0-9a-f]{32})\/((?:activations-|filters-)?\d{1,4})$/.exec(path);
  if (preview) {
    const bytes = await readFile(join(services.temporary, 'previews', preview[1]!, preview[2]!)).catch(
      nothing,
    );
    return ok(imageType(bytes), bytes, forever);
  }

  const uploaded = /^\/uploads\/([0-9a-f]{32})$/.exec(path);
  if (uploaded) {
    const file = uploads.fileOf(uploaded[1]!);
    const bytes = await uploads.during(uploaded[1]!, () =>
      reencoded(services, '', { kind: 'file', path: file, name: basename(file) }),
    );
    return ok(imageType(bytes), bytes, forever);
  }

  const exported = /^\/exports\/([a-z0-9-]{1,64})\.[a-z0-9]{1,16}$/.exec(path);
  if (exported) {
    const found = services.project().runs.exported(exported[1]!);
    if (!found || resources.exported(found) !== path) nothing();
    return ok(exporterOf(found.format).type, await exportedFile(found), {
      'content-disposition': `attachment; filename="${basename(path)}"`,
      'cache-control': 'no-store',
    });
  }

  if (path === resources.labels) {
    const project = services.project();
    const { text } = await labelsAsCsv(project.labelRows);
    return ok('text/csv; charset=utf-8', Buffer.from(text), {
      'content-disposition': 'attachment; filename="labels.csv"',
      'cache-control': 'no-store',
    });
  }
  return nothing();
}

function nothing(): never {
  throw new AtelierError('NOT_FOUND', 'There is nothing at this address. Reload the window.');
}

/**
 * The file that was exported. A project that came from somebody else may name any file of this machine as one of its exports,
 * or another one may have taken its place: what is not what was exported by its size and SHA-256, or of before there were
 * those is no zip, is not handed out.
 */
async function exportedFile({ path, bytes, sha256 }: ExportedRun): Promise<Uint8Array> {
  const there = statSync(path, { throwIfNoEntry: false });
  const read = there?.isFile() && there.size === bytes ? await readFile(path) : null;
  const own = (file: Buffer) =>
    sha256 === undefined
      ? file.subarray(0, 4).equals(zipMark)
      : createHash('sha256').update(file).digest('hex') === sha256;
  if (read && own(read)) return read;
  throw new AtelierError(
    'NOT_FOUND',
    `Expected the export of this run at ${path}, but it is gone, or is not what was exported. Export it again.`,
    { path },
  );
}

async function itemImage(
  services: JobServices,
  itemId: number,
  size: 'thumbnail' | 'full',
  request: ResourceRequest,
): Promise<ResourceResponse> {
  const project = services.project();
  const place = project.placeOf(itemId);
  // Ids count from 1 in every project, so a browser must ask each time; the tag makes that cheap.
  const headers = { etag: `"${project.id}-${itemId}-${size}"`, 'cache-control': 'private, no-cache' };
  if (request.headers['if-none-match'] === headers.etag) {
    return { status: 304, headers, body: new Uint8Array(0) };
  }
  if (size === 'thumbnail' || !storageOf(place.storage).originals) {
    const { contentType, bytes } = await thumbnailOf(project, place);
    return ok(contentType, bytes, headers);
  }
  const bytes = await reencoded(services, project.path, { kind: 'item', itemId });
  return ok(imageType(bytes), bytes, headers);
}

/** Looked up each time, as what the items were, an answer without a body says that the browser has it already. */
async function itemSheet(
  services: JobServices,
  text: string,
  request: ResourceRequest,
): Promise<ResourceResponse> {
  const ids = readIds(text);
  if (!ids) {
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected at most ${mostInSheet} ids of items, ascending, such as 1-64 or 3,7-9; received ${text.slice(0, 80)}. Reload the window.`,
    );
  }
  const project = services.project();
  const items = project.thumbnailsById(ids);
  const headers = {
    etag: `"${sheetTag(project.id, text, items)}"`,
    'cache-control': 'private, no-cache',
  };
  if (request.headers['if-none-match'] === headers.etag) {
    return { status: 304, headers, body: new Uint8Array(0) };
  }
  return ok(
    'application/octet-stream',
    await makeSheet(ids, items, (name) => project.packPath(name)),
    headers,
  );
}

/** Nobody keeps it: what is at a place of a list changes. */
async function listSheet(
  services: JobServices,
  text: string,
  first: number,
  last: number,
): Promise<ResourceResponse> {
  const filter = readFilter(text);
  const count = last - first + 1;
  if (!filter || count < 1 || count > mostInSheet) {
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected ${columnFilter}, as JSON, and at most ${mostInSheet} places such as 0-63; received ${text.slice(0, 80)}, ${first}-${last}. Reload the window.`,
    );
  }
  const project = services.project();
  const ids = project.idsAt(filter, first, count);
  const body = await makeSheet(ids, project.thumbnailsById(ids), (name) => project.packPath(name));
  return ok('application/octet-stream', body, { 'cache-control': 'no-store' });
}

/** Another map has another address. */
function mapPoints(services: JobServices, mapId: string): ResourceResponse {
  const { kept } = services.project().columns.map;
  return kept?.map.id === mapId ? ok('application/octet-stream', writeMapPoints(kept), forever) : nothing();
}

function factValues(services: JobServices, factsId: string): ResourceResponse {
  const { kept } = services.project().columns.facts;
  return kept?.facts.id === factsId
    ? ok('application/octet-stream', writeFactValues(kept), forever)
    : nothing();
}

/** Nobody keeps it: what is listed changes. */
async function samplesOf(services: JobServices, text: string): Promise<ResourceResponse> {
  const options = read(SampleSheet, text);
  if (!options || isComputed(options.filter))
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected ${columnFilter}, and images per class, as JSON; received ${text.slice(0, 80)}. Reload the window.`,
    );
  return ok('image/png', await drawSampleSheet(services, options), { 'cache-control': 'no-store' });
}

function itemList(services: JobServices, text: string): ResourceResponse {
  const filter = readFilter(text);
  if (!filter)
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected ${columnFilter}, as JSON, received ${text.slice(0, 80)}. Reload the window.`,
    );
  const { columns } = services.project();
  const positions = columns.matching(filter);
  const body = writeItemList({
    itemIds: positions.map((at) => columns.ids[at]!),
    classIds: positions.map((at) => columns.classIds[at]!),
  });
  return ok('application/octet-stream', body, { 'cache-control': 'no-store' });
}

/** What a list takes nothing but its items to know of. */
const columnFilter =
  'a filter without cells of a matrix or a finding, not sorted by date, source, probability or loss';

/** null where it is none, or names cells of a matrix, a finding or errors, which take more than the list to know. */
function readFilter(text: string): ItemFilter | null {
  const filter = read(ItemFilter, text);
  return filter && !isComputed(filter) ? filter : null;
}

/** null where it is no JSON, or not of this kind. */
function read<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(decodeURIComponent(text))).data ?? null;
  } catch {
    return null;
  }
}

/** An image for looking at it large, decoded and encoded anew by the image worker. */
async function reencoded(services: JobServices, project: string, image: ImageReference): Promise<Uint8Array> {
  const path = join(services.temporary, `full-${randomBytes(8).toString('hex')}`);
  try {
    await services.warm.run('full', { project, image, path });
    return await readFile(path);
  } finally {
    await rm(path, { force: true });
  }
}

async function upload(uploads: Uploads, { path, headers, body }: ResourceRequest): Promise<ResourceResponse> {
  const further = /^\/uploads(?:\/([0-9a-f]{32}))?$/.exec(path);
  if (!further) return nothing();
  if (!body || body.byteLength === 0) {
    throw new AtelierError(
      'BAD_REQUEST',
      'Expected the bytes of a file, received none. Choose another file.',
    );
  }
  let name: string;
  try {
    name = decodeURIComponent(headers[uploadPathHeader] ?? 'image');
  } catch {
    throw new AtelierError('BAD_REQUEST', `Expected ${uploadPathHeader} as encodeURIComponent writes it.`);
  }
  const uploadId = await uploads.add(further[1] ?? null, name, body);
  return ok('application/json', Buffer.from(JSON.stringify({ uploadId })), { 'cache-control': 'no-store' });
}
