/**
 * The window's own files as a fixed map from address to file, read once. What is not in the map does not
 * exist, so no address can reach outside the folder. Used by the served studio and by main's app:// pages.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';

export interface PageFile {
  contentType: string;
  body: Uint8Array;
  /** True where the name carries a hash of the content. */
  immutable: boolean;
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/**
 * All files under `folder`, by address (`/` is index.html). Links are left out: they could lead outside.
 * Files of a type that a page cannot use are left out as well.
 * @throws NOT_FOUND where the window was not built
 */
export function readPageFiles(folder: string): Map<string, PageFile> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new AtelierError(
      'NOT_FOUND',
      `Expected the built window in ${folder}, but it is not there. Run: npm run build.`,
      {
        folder,
      },
    );
  }
  const files = new Map<string, PageFile>();
  const visit = (path: string, address: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const below = `${address}/${entry.name}`;
      if (entry.isDirectory()) visit(join(path, entry.name), below);
      const contentType = contentTypes[extname(entry.name).toLowerCase()];
      if (!entry.isFile() || !contentType) continue;
      const file = {
        contentType,
        body: readFileSync(join(path, entry.name)),
        immutable: below.startsWith('/assets/'),
      };
      files.set(below, file);
      if (below === '/index.html') files.set('/', file);
    }
  };
  visit(folder, '');
  return files;
}

/** Headers for one of the files, without the security headers. */
export function pageHeaders(file: PageFile): Record<string, string> {
  return {
    'content-type': file.contentType,
    'content-length': String(file.body.byteLength),
    'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
  };
}
