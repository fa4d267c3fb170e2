/**
 * What every format keeps to, as testing-family.ts makes it: it is detected as its own and as no other's, what was planned is what is
 * imported, each image has its pixels, class and part, damage and a cancel leave nothing, and a re-scan says what changed.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { ImportOptions, ImportPlan } from '#contract/import.ts';
import { readSheet } from '#contract/sheet.ts';
import { toNetworkInput } from '../images/decode/decode.ts';
import { readItem } from '../images/storage/originals.ts';
import { makeSheet, thumbnailOf } from '../images/thumbnails/sheet.ts';
import { insideOf } from '../images/thumbnails/thumbnail-size.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { JobResults } from '../jobs/results.ts';
import { startRescan } from '../jobs/rescan.ts';
import { OpenProject } from '../project/project.ts';
import { importPlan, importRead, importStore, settle } from '../worker/tasks/import.ts';
import { importers } from './importers.ts';
import { listFiles } from './listing.ts';
import { compareWithFolder } from './rescan/compare-folder.ts';
import { scanSource } from './scan.ts';
import { classOf, damage, images, isTest, type Member, members, pixelsOf } from './testing-family.ts';

const names = ['0', '1'] as const;
const hostile = ['ca"t, ,\'; DROP TABLE items --', '犬 é=1+1'] as const;

let folder: string;
let place: string;
let project: OpenProject;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-family-'));
  place = join(folder, 'source');
  mkdirSync(place);
  project = await OpenProject.create(join(folder, 'p.atelier'), undefined, 'test');
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;
const told = (signal: AbortSignal) => ({ signal, emit: () => undefined });

/** The tasks of an import, as the worker carries them out. */
async function importAll(path: string, options: ImportOptions = {}, read = never, store = never) {
  const { path: where } = project;
  const pack = join(where, 'packs', 'import-1.part');
  const about = { project: where, location: path };
  const unpackTo = join(where, 'unpacked-1');
  const { root } = await importRead({ ...about, folder: path, options, pack, unpackTo }, told(read));
  const stored = await importStore({ ...about, root: root === null ? path : root }, told(store));
  await settle({ commit: true }, told(store));
  await project.followImport();
  return stored;
}

const plan = (path: string, options: ImportOptions = {}): Promise<ImportPlan> =>
  importPlan({ folder: path, location: path, options, unpackTo: join(folder, 'looked-at') }, told(never));

/** What a failed import has left, besides what a new project has. */
const leftovers = () => [
  ...readdirSync(join(project.path, 'packs')),
  ...readdirSync(project.path).filter((name) => name.startsWith('unpacked')),
  ...project.sources(),
];

const listItems = () => project.items({}, 0, 100, null).items;

describe.each(members)('$name', (member: Member) => {
  const { size, originals } = member;

  it('is detected by its own importer and by none before it', async () => {
    const path = await member.make(place, names);
    const unpackTo = { folder: join(folder, 'looked-at'), durable: false };
    const { scan, unpacked } = await scanSource(path, {
      location: path,
      options: {},
      signal: never,
      unpackTo,
    });
    expect(Object.keys(member.importer.layouts)).toContain(scan.layout);
    expect(unpacked).toBe(member.unpacked ?? false);
    const listing = await listFiles(unpacked ? unpackTo.folder : path, never);
    const detected = await Promise.all(importers.slice(0, -1).map((importer) => importer.detect(listing)));
    expect(importers.filter((_, at) => detected[at])).toEqual(
      member.importer === importers.at(-1) ? [] : [member.importer],
    );
  });

  it('is imported as it was planned, each image with its pixels, its class and its part', async () => {
    const path = await member.make(place, names);
    const planned = await plan(path);
    await importAll(path);
    expect(planned).toMatchObject({ images: images.length, skipped: [] });
    expect(project.classes().map(({ name, counts }) => [name, counts.total])).toEqual(
      planned.classes.map(({ name, counts }) => [name, counts.pool + counts.test]),
    );
    const nameOf = new Map(project.classes().map(({ id, name }) => [id, name]));
    const found = await Promise.all(
      listItems().map(async ({ id, classId, split, width, height }) => {
        const { picture, name } = await readItem(project.path, id);
        const pixels = await toNetworkInput(
          picture,
          { width, height, channels: size.channels, fit: 'stretch' },
          name,
        );
        return {
          pixels: Buffer.from(pixels).toString('hex'),
          name: nameOf.get(classId!),
          test: split === 'test',
          width,
          height,
        };
      }),
    );
    const expected = images.map((index) => ({
      ...{
        pixels: pixelsOf(index, size).toString('hex'),
        name: names[classOf(index)],
        width: size.width,
        height: size.height,
      },
      ...(member.parts ? { test: isTest(index) } : {}),
    }));
    const byPixels = (a: { pixels: string }, b: { pixels: string }) => (a.pixels < b.pixels ? -1 : 1);
    expect(found.sort(byPixels)).toMatchObject(expected.sort(byPixels));
  });

  it('has a thumbnail of the promised size for each image, alone and in a sheet', async () => {
    await importAll(await member.make(place, names));
    const ids = listItems().map(({ id }) => id);
    const sheet = readSheet(
      await makeSheet(ids, project.thumbnailsById(ids), (name) => project.packPath(name)),
    )!;
    for (const [at, id] of ids.entries()) {
      const { bytes } = await thumbnailOf(project, project.placeOf(id));
      const { width, height } = await sharp(bytes).metadata();
      expect({ width, height }).toEqual(insideOf(size.width, size.height));
      const { form, bytes: own } = sheet[at]!;
      expect(form).toBe(size.channels === 1 && !originals ? 'grey' : 'encoded');
      if (form === 'encoded') expect(Buffer.from(own)).toEqual(Buffer.from(bytes));
    }
  });

  it('is refused where it is damaged, with what was expected and what to do, and leaves nothing', async () => {
    const path = await member.make(place, names);
    damage(place);
    const thrown: unknown = await importAll(path).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(AtelierError);
    expect(['SOURCE_UNREADABLE', 'SOURCE_EMPTY']).toContain((thrown as AtelierError).code);
    expect((thrown as AtelierError).message).toMatch(/(Expected|Nothing can be imported).*\. .*\.$/s);
    expect(leftovers()).toEqual([]);
  });

  it('leaves nothing where it is cancelled, while it is read or while it is stored', async () => {
    const path = await member.make(place, names);
    await expect(importAll(path, {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(leftovers()).toEqual([]);
    await expect(importAll(path, {}, never, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    // What was unpacked is the studio's to take back: only it knows whether the change was made.
    rmSync(join(project.path, 'unpacked-1'), { recursive: true, force: true });
    expect(leftovers()).toEqual([]);
    await importAll(path);
    expect(listItems()).toHaveLength(images.length);
  });

  // Not asked of a format that has no names, rather than skipped.
  if (member.named)
    it('keeps names that look like something else to the letter', async () => {
      await importAll(await member.make(place, hostile));
      expect(
        project
          .classes()
          .map(({ name }) => name)
          .sort(),
      ).toEqual([...hostile].sort());
    });

  const { unlabelled: withoutClass } = member;
  if (withoutClass)
    it('takes images without a class as unlabelled ones', async () => {
      const path = await member.make(place, ['a', '']);
      const { unlabelled } = await plan(path, withoutClass);
      await importAll(path, withoutClass);
      expect(unlabelled.pool + unlabelled.test).toBe(4);
      expect(listItems().filter(({ classId }) => classId === null)).toHaveLength(4);
      expect(project.classes().map(({ name }) => name)).toEqual(['a']);
    });

  it(originals ? 'says at a re-scan what changed' : 'says plainly that it cannot be re-scanned', async () => {
    const path = await member.make(place, names);
    const { sourceId } = await importAll(path);
    if (!originals) {
      const services = { project: () => project } as unknown as JobServices;
      expect(() => startRescan(services, sourceId, null, new JobResults('report'))).toThrow(
        /^Expected a source of image files; of source 1 the project keeps the pixels itself/,
      );
      return;
    }
    const { root } = project.source(sourceId);
    const compare = async () =>
      (
        await compareWithFolder(project.path, sourceId, root, false, {
          signal: never,
          onProgress: () => undefined,
        })
      ).report;
    expect(await compare()).toMatchObject({ same: images.length, gone: { count: 0 }, changed: { count: 0 } });
    const [first, second] = listItems().map(({ name }) => name);
    rmSync(join(root, first!));
    writeFileSync(join(root, second!), 'no picture any more');
    expect(await compare()).toMatchObject({
      same: images.length - 2,
      gone: { examples: [{ name: first }] },
      changed: { examples: [{ name: second }] },
    });
  });
});

it('has a member for every importer', () => {
  expect(new Set(members.map(({ importer }) => importer))).toEqual(new Set(importers));
});
