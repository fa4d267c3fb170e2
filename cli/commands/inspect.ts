/**
 * `atelier inspect`: what each layer of a run makes of one image, as files. The pictures are the studio's, at the
 * addresses where the window finds them; here they get names, in the layers' order.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LayerPicture } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Studio } from '#engine/studio.ts';
import { csv } from '#learning/export/csv.ts';
import { writeDurably } from '#learning/model/durable-file.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count, table, usage } from '../output.ts';
import { openProject, withStudio } from '../session.ts';

interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** A layer's files; null for what it has not. */
interface LayerFiles {
  /** PNG of a map, CSV of a vector. */
  activations: NamedBytes | null;
  filters: NamedBytes | null;
}

export const inspectCommand: Command = {
  name: 'inspect',
  words: 'PROJECT IMAGE --out FOLDER',
  about: 'write what each layer makes of an image file: pictures, and vectors as tables',
  needsEngine: true,
  options: {
    run: runOption,
    out: {
      type: 'string',
      value: 'FOLDER',
      about: 'where to; made if absent, files of the same names are replaced',
    },
  },
  least: 2,
  most: 2,
  run: ({ words: [given = '', image = ''], values, output }) => {
    const out = text(values.out);
    if (!out) throw usage('Expected --out FOLDER: where to write the pictures.');
    const folder = resolve(out);
    return withStudio(async ({ studio, client }) => {
      await openProject(client, given);
      const { id: runId, name: runName } = await chooseRun(client, text(values.run));
      const layers = await client.runs.inspect({ runId, image: { kind: 'path', path: resolve(image) } });
      // All of them, before the first is written.
      const files = await Promise.all(layers.map((layer, index) => filesOf(studio, layer, index)));
      const written = files.flatMap(({ activations, filters }) => [activations, filters]).filter(present);
      await writeFiles(folder, written);

      output.line(`${runName} on ${image}: ${count(written.length)} files in ${folder}`);
      output.line();
      const rows = layers.map(({ name, kind, outputShape }, index) => [
        name,
        kind,
        outputShape.join(' × '),
        files[index]!.activations?.name ?? '–',
        files[index]!.filters?.name ?? '–',
      ]);
      for (const line of table([['layer', 'kind', 'output shape', 'activations', 'filters'], ...rows]))
        output.line(line);
      output.event('inspect.finished', {
        run: runId,
        image,
        folder,
        files: written.length,
        layers: layers.map((layer, index) => ({
          ...layer,
          activations: files[index]!.activations?.name ?? null,
          filters: files[index]!.filters?.name ?? null,
        })),
      });
    });
  },
};

const present = (file: NamedBytes | null): file is NamedBytes => file !== null;

/** Named such as 02-residual-conv1-activations.png, by the place in the list, so that folders show them in its order. */
async function filesOf(studio: Studio, layer: LayerPicture, index: number): Promise<LayerFiles> {
  // The plan's "2.residual/conv1" begins with the recipe's layer, which is another number than the place.
  const words = layer.name.replace(/^\d+\./, '').replace(/[^A-Za-z0-9]+/g, '-');
  const stem = `${String(index + 1).padStart(2, '0')}-${words}`;
  const picture = async (what: 'activations' | 'filters'): Promise<NamedBytes | null> => {
    const address = layer[what];
    if (address === null) return null;
    const { body } = await studio.resources({ method: 'GET', path: address, headers: {}, body: null });
    return { name: `${stem}-${what}.png`, bytes: body };
  };
  const vector = layer.values && {
    name: `${stem}-activations.csv`,
    bytes: new TextEncoder().encode(
      csv([['channel', 'value'], ...layer.values.map((value, channel) => [channel + 1, value])]),
    ),
  };
  return { activations: vector ?? (await picture('activations')), filters: await picture('filters') };
}

/** Replaces files of the same names, as an export does. @throws FILE_NOT_WRITABLE, DISK_FULL */
async function writeFiles(folder: string, files: readonly NamedBytes[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new AtelierError(
      'FILE_NOT_WRITABLE',
      `Expected a folder that can be made or written to, received ${folder} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). Choose another one with --out.`,
      { path: folder },
      { cause },
    );
  }
  for (const { name, bytes } of files) await writeDurably(join(folder, name), bytes);
}
