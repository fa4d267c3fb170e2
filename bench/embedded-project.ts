/**
 * Images of a project with their embeddings, for programs that reckon with these: imports a source and has the studio compute
 * what is missing, in a project that is kept where a path is given.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import type { EmbeddingSource } from '#contract/embedding-source.ts';
import { followJob } from '#contract/follow.ts';
import { splitNames } from '#contract/project.ts';
import { oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { openFeatureFile } from '#engine/images/features/feature-store.ts';
import { originalsUpTo } from '#engine/images/storage/originals.ts';
import { openForReading, rows } from '#engine/project/database.ts';
import { databaseName } from '#engine/project/folder.ts';
import { embeddingSetting } from '#engine/project/settings.ts';
import { createStudio } from '#engine/studio.ts';
import { embeddingNetwork } from '#learning/embeddings/embedding-network.ts';

export interface EmbeddedImages {
  /** With their folders. */
  names: string[];
  /** Class index of each, in the order of `classNames`. */
  labels: Int32Array;
  classNames: string[];
  size: number;
  /** [images, size] */
  embeddings: Float32Array;
}

/** All images with a class, but those of a test part that the source itself names. */
export async function embeddedImages(path: string, source: string): Promise<EmbeddedImages> {
  await computeEmbeddings(path, source);
  const database = openForReading(join(path, databaseName));
  const { by, side } = JSON.parse(embeddingSetting(database)) as { by: EmbeddingSource; side: number };
  const items = rows<{ id: number; name: string; className: string }>(
    database,
    `SELECT items.id, items.name, classes.name AS className FROM items JOIN classes ON classes.id = class_id
     WHERE removed = 0 AND NOT (fixed = 1 AND split = ?) ORDER BY items.id`,
    splitNames.indexOf('test'),
  );
  database.close();
  const classNames = [...new Set(items.map(({ className }) => className))].sort();
  const network = await embeddingNetwork(
    by.kind === 'run'
      ? { kind: 'run', folder: join(path, 'runs', by.runId) }
      : { kind: 'backbone', name: by.name, side: side === 0 ? null : side },
  );
  const all = originalsUpTo(path, items.at(-1)!.id);
  const rowOf = new Map(all.map(({ id }, row) => [id, row]));
  const file = await openFeatureFile(
    'read',
    path,
    network.preprocessing,
    all.map(({ hash }) => hash),
    network,
  );
  const embeddings = new Float32Array(items.length * network.size);
  const missing = await file?.read(
    Int32Array.from(items, ({ id }) => rowOf.get(id)!),
    embeddings,
  );
  await file?.close();
  if (missing?.length !== 0)
    throw new Error(`Expected all embeddings to be there; ${missing?.length} are missing.`);
  return {
    names: items.map(({ name }) => name),
    labels: Int32Array.from(items, ({ className }) => classNames.indexOf(className)),
    classNames,
    size: network.size,
    embeddings,
  };
}

async function computeEmbeddings(path: string, source: string): Promise<void> {
  const studio = createStudio({ desktop: false, allowedFolders: null, version: 'bench' });
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  try {
    if (existsSync(path)) await client.project.open({ path });
    else {
      await client.project.create({ path });
      await followJob(client, () => client.sources.import({ source: { kind: 'path', path: source } }));
    }
    const { state } = await client.embeddings.get();
    if (state !== 'complete') await followJob(client, () => client.embeddings.start());
  } finally {
    await studio.close();
  }
}
