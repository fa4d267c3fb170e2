/**
 * `atelier inspect`: what each layer of a run makes of one image, as files. The pictures are the studio's, at the
 * addresses where the window finds them; here they get names, in the layers' order.
 */
import { resolve } from 'node:path';
import type { LayerPicture } from '#contract/probes.ts';
import type { Studio } from '#engine/studio.ts';
import { csv } from '#contract/csv.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { bytesAt, folderOf, forceOption, type NamedBytes, outFolder, writeFiles } from '../files.ts';
import { counted, table } from '../output.ts';
import { withProject } from '../session.ts';

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
    out: outFolder,
    force: forceOption,
  },
  least: 2,
  most: 2,
  run: ({ words: [given = '', image = ''], values, output }) => {
    const folder = folderOf(values);
    return withProject(given, async ({ studio, client }) => {
      const { id: runId, name: runName } = await chooseRun(client, text(values.run));
      const layers = await client.runs.inspect({ runId, image: { kind: 'path', path: resolve(image) } });
      // All of them, before the first is written.
      const files = await Promise.all(layers.map((layer, index) => filesOf(studio, layer, index)));
      const written = files.flatMap(({ activations, filters }) => [activations, filters]).filter(present);
      await writeFiles(folder, written, values);

      output.line(`${runName} on ${image}: ${counted(written.length, 'file')} in ${folder}`);
      output.line();
      const rows = layers.map(({ name, kind, outputShape }, index) => [
        name,
        kind,
        outputShape.join(' × '),
        files[index]!.activations?.name ?? '–',
        files[index]!.filters?.name ?? '–',
      ]);
      output.lines(table([['layer', 'kind', 'output shape', 'activations', 'filters'], ...rows]));
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
    return { name: `${stem}-${what}.png`, bytes: await bytesAt(studio, address) };
  };
  const vector = layer.values && {
    name: `${stem}-activations.csv`,
    bytes: new TextEncoder().encode(
      csv([['channel', 'value'], ...layer.values.map((value, channel) => [channel + 1, value])]),
    ),
  };
  return { activations: vector ?? (await picture('activations')), filters: await picture('filters') };
}
