/**
 * Reads a bundle that may come from anybody and may have changed on its way: every entry's CRC-32 and size, and the
 * manifest's SHA-256 of every file in it, before anything of it is used. Nothing is unpacked to disk. Whether its model
 * may be run is left to own-model.ts, running it to whoever calls.
 */
import crc32 from 'crc-32';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { Recipe } from '#recipe/recipe.ts';
import { bundleFormat, type BundleOrigin, Manifest, manifestName } from './manifest.ts';

export interface ReadBundle {
  /** Bytes of an ONNX file, as they were written. */
  model: Buffer;
  /** Names, in the order of the model's outputs. */
  classes: string[];
  preprocessing: Preprocessing;
  /** null in a bundle from before there were manifests; then the zip's own checksums are all that was checked. */
  origin: BundleOrigin | null;
}

/** What is kept, and the bytes that each may have. */
const kept = {
  [manifestName]: 1 << 20,
  'labels.json': 1 << 24,
  'recipe.json': 1 << 20,
  'model.onnx': 512 << 20,
} as const;
type Kept = keyof typeof kept;
const isKept = (name: string): name is Kept => Object.hasOwn(kept, name);
/** Of all entries together, which are read to be checked, and how many there may be. */
const greatestBytes = 2 ** 31;
const greatestCount = 1000;

const Labels = z
  .array(z.string().max(255))
  .min(2)
  .max(100_000)
  .refine((names) => new Set(names).size === names.length);

/** A bundle that is not as it was written. */
export const damagedBundle = (what: string, cause?: unknown): AtelierError =>
  new AtelierError(
    'BUNDLE_DAMAGED',
    `The bundle is damaged: ${what}. Nothing of it was used. Take another copy, or export the run again.`,
    { what },
    { cause },
  );

const noBundle = (path: string, what: string, cause?: unknown): AtelierError =>
  new AtelierError(
    'SOURCE_UNREADABLE',
    `Expected a bundle that Atelier exported, received ${path}: ${what}. Choose the .zip that an export wrote, or export the run again.`,
    { bundle: path },
    { cause },
  );

/**
 * @throws SOURCE_UNREADABLE where the file is no bundle at all, BUNDLE_DAMAGED where it is one that has changed,
 *   BUNDLE_REFUSED where a later version wrote it
 */
export async function readBundle(path: string): Promise<ReadBundle> {
  const archive = await openZip(path);
  let read: { files: Map<Kept, Buffer>; digests: Map<string, Digest> };
  try {
    read = await readEntries(archive);
  } catch (thrown) {
    throw thrown instanceof AtelierError ? thrown : damagedBundle((thrown as Error).message, thrown);
  } finally {
    archive.close();
  }
  const { files, digests } = read;
  if (!files.has('model.onnx') && !files.has(manifestName))
    throw noBundle(path, 'the zip holds neither manifest.json nor model.onnx');
  const manifest = files.get(manifestName);
  const origin = manifest ? checkManifest(manifest, digests) : null;
  const classes = parse('labels.json', files, Labels);
  const { preprocessing } = parse('recipe.json', files, Recipe);
  return { model: need('model.onnx', files), classes, preprocessing, origin };
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    // Reading a pipe might never end.
    if (!(await stat(path)).isFile()) throw new Error('it is no file');
    return await openPromise(path, { autoClose: false });
  } catch (cause) {
    throw noBundle(path, `it is no zip, or was cut short (${(cause as Error).message})`, cause);
  }
}

interface Digest {
  bytes: number;
  sha256: string;
}

async function readEntries(
  archive: ZipFile,
): Promise<{ files: Map<Kept, Buffer>; digests: Map<string, Digest> }> {
  const files = new Map<Kept, Buffer>();
  const digests = new Map<string, Digest>();
  let total = 0;
  for await (const entry of archive.eachEntry()) {
    const { fileName: name, uncompressedSize: size } = entry;
    total += size;
    if (digests.has(name)) throw damagedBundle(`${name} is in it twice`);
    if (digests.size === greatestCount) throw damagedBundle(`it has more than ${greatestCount} entries`);
    if (total > greatestBytes || (isKept(name) && size > kept[name]))
      throw damagedBundle(`${name} claims ${size} bytes, which is more than a bundle has`);
    const { parts, digest } = await readEntry(archive, entry, isKept(name));
    digests.set(name, digest);
    if (isKept(name)) files.set(name, Buffer.concat(parts));
  }
  return { files, digests };
}

/** @param keep whether its bytes are wanted, and not its digest alone */
async function readEntry(archive: ZipFile, entry: Entry, keep: boolean) {
  const parts: Buffer[] = [];
  const hash = createHash('sha256');
  let crc = 0;
  // yauzl ends the stream with an error where it gives more or fewer bytes than the entry says.
  for await (const part of await archive.openReadStreamPromise(entry)) {
    const bytes = part as Buffer;
    crc = crc32.buf(bytes, crc);
    hash.update(bytes);
    if (keep) parts.push(bytes);
  }
  const received = crc >>> 0;
  if (received !== entry.crc32) {
    const hex = (value: number) => value.toString(16).padStart(8, '0');
    throw damagedBundle(
      `${entry.fileName} has the CRC-32 ${hex(received)}, and ${hex(entry.crc32)} was expected`,
    );
  }
  return { parts, digest: { bytes: entry.uncompressedSize, sha256: hash.digest('hex') } };
}

/** What the manifest says of the bundle, once every file that it lists was found as it was written. */
function checkManifest(bytes: Buffer, digests: ReadonlyMap<string, Digest>): BundleOrigin {
  const json = jsonOf(manifestName, bytes);
  const { format } = z.object({ format: z.string() }).catch({ format: 'none' }).parse(json);
  if (format !== bundleFormat && /^atelier-bundle\/\d+$/.test(format)) {
    throw new AtelierError(
      'BUNDLE_REFUSED',
      `Expected a bundle of the format ${bundleFormat}, received ${format}: a later version of Atelier wrote it. Use that version.`,
      { format },
    );
  }
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) throw damagedBundle(`its ${manifestName} is not as expected`, parsed.error);
  const { files, version, project, run, answerRule } = parsed.data;
  for (const { name, bytes: size, sha256 } of files) {
    const found = digests.get(name);
    if (!found) throw damagedBundle(`${name} is missing`);
    if (found.bytes !== size || found.sha256 !== sha256)
      throw damagedBundle(`${name} is not the file that its ${manifestName} lists`);
  }
  const listed = new Set(files.map(({ name }) => name));
  for (const name of Object.keys(kept))
    if (name !== manifestName && !listed.has(name))
      throw damagedBundle(`its ${manifestName} does not list ${name}`);
  return { version, project, run, ...(answerRule ? { answerRule } : {}) };
}

function need(name: Kept, files: ReadonlyMap<Kept, Buffer>): Buffer {
  const bytes = files.get(name);
  if (!bytes) throw damagedBundle(`${name} is missing`);
  return bytes;
}

function jsonOf(name: Kept, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw damagedBundle(`its ${name} is no JSON`, cause);
  }
}

function parse<S extends z.ZodType>(name: Kept, files: ReadonlyMap<Kept, Buffer>, schema: S): z.infer<S> {
  const parsed = schema.safeParse(jsonOf(name, need(name, files)));
  if (!parsed.success) throw damagedBundle(`its ${name} is not as expected`, parsed.error);
  return parsed.data;
}
