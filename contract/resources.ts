/**
 * Addresses of bytes: images by opaque id, uploads, finished exports. The same paths are served as
 * app://atelier/… in Electron and over HTTP by `atelier serve`; no path of the disk is ever in one.
 */
import * as z from 'zod';
import { exporterOf, type ExportedRun } from './exporters.ts';
import type { ItemFilter } from './project.ts';
import type { SampleSheet } from './sample-sheet.ts';
import { writeIds } from './sheet.ts';

export const resources = {
  /** The item's picture: `thumbnail` for grids, `full` for the original, re-encoded. PNG or JPEG. */
  item: (itemId: number, size: 'thumbnail' | 'full') => `/images/items/${itemId}/${size}`,
  /** Thumbnails of many items in one body of bytes (sheet.ts), by ascending ids. */
  sheet: (itemIds: readonly number[]) => `/images/sheets/${writeIds(itemIds)}`,
  /** The same of a filtered list, by the first and the last place: for one whose items the window has not read yet. */
  sheetOfList: (filter: ItemFilter, first: number, last: number) =>
    `/images/lists/${encodeURIComponent(JSON.stringify(filter))}/${first}-${last}`,
  /** The points of the map of embeddings of this id (map-points.ts). */
  map: (mapId: string) => `/images/points/${mapId}`,
  /** The facts of all images of this id (image-facts.ts). */
  facts: (factsId: string) => `/images/facts/${factsId}`,
  /** Which items a filter lets through, with their classes, in the order of the list (item-list.ts). */
  itemList: (filter: ItemFilter) => `/images/all/${encodeURIComponent(JSON.stringify(filter))}`,
  /** Some images of each class as one PNG. */
  sampleSheet: (options: z.input<typeof SampleSheet>) =>
    `/images/samples/${encodeURIComponent(JSON.stringify(options))}`,
  /** The item as a recipe's preprocessing leaves it. */
  networkView: (previewId: string, index: number) => `/images/previews/${previewId}/${index}`,
  /** A layer's activations for an image, or its filters: PNG, tiles in rows. */
  layerPicture: (previewId: string, what: 'activations' | 'filters', layer: number) =>
    `/images/previews/${previewId}/${what}-${layer}`,
  /**
   * POST one file as the body; `uploadPathHeader` gives its name, or its path within the dropped folder.
   * Answers {"uploadId": …}. Further files of the same folder are POSTed to `upload(uploadId)`.
   */
  uploads: '/uploads',
  upload: (uploadId: string) => `/uploads/${uploadId}`,
  /** GET: the labels of the open project as CSV. */
  labels: '/labels/labels.csv',
  /** GET: a finished export as a file to save. */
  exported: ({ runId, format }: Pick<ExportedRun, 'runId' | 'format'>) =>
    `/exports/${runId}.${exporterOf(format).extension}`,
} as const;

/** Header of an upload: encodeURIComponent of the file's relative path, with forward slashes. */
export const uploadPathHeader = 'x-atelier-path';

/** Where the served studio takes WebSocket connections. */
export const rpcPath = '/rpc';

/**
 * A browser that was let in by the served studio. A cookie goes to every server of this machine, whatever its port, so
 * the cookie alone opens nothing: these two stay with the page's origin. Unknown in Electron.
 */
export const BrowserSession = z.object({
  /** Header of uploads, and subprotocol of the socket. */
  secret: z.string(),
  /** Stands in the addresses of images and exports, which no header can go with; opens nothing else. */
  key: z.string(),
});
export type BrowserSession = z.infer<typeof BrowserSession>;

/** Where the page keeps its `BrowserSession`, as JSON, in localStorage. */
export const sessionStorageName = 'atelier.session';
/** Header with the session's secret. */
export const sessionHeader = 'x-atelier-session';
/** Parameter of an address with the session's key. */
export const keyParameter = 'key';
/** The subprotocol that the studio answers with; the page offers it and, after it and a dot, the session's secret. */
export const socketProtocol = 'atelier';
/** GET: 204 for a browser that is let in, 403 for any other. POST: ends the session. */
export const sessionPath = '/session';

/** A request for bytes, after the transport (HTTP or app://) has let it in. `path` has no query and no host. */
export interface ResourceRequest {
  method: 'GET' | 'HEAD' | 'POST';
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Uint8Array | null;
}

/** The answer; the transport adds its security headers. */
export interface ResourceResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}
