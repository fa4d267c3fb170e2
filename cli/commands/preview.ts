/**
 * `atelier preview`: what a recipe's preprocessing and augmentation make of images of the project, as files. The pictures
 * are the studio's, as the window shows them; here they get names.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Item } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { chooseItem } from '../choose.ts';
import { type Command, wholeNumber } from '../command.ts';
import { bytesAt, folderOf, forceOption, type NamedBytes, outFolder, writeFiles } from '../files.ts';
import { counted } from '../output.ts';
import { askedRecipe, recipeOptions } from '../recipe.ts';
import { withProject } from '../session.ts';

/** Where none are named: the first of the training images. */
const shownItems = 4;
const mostItems = 16;

export const previewCommand: Command = {
  name: 'preview',
  words: 'PROJECT [IMAGE…] --out FOLDER',
  about: "write images before and after a recipe's augmentation; IMAGE is an id or name in the project",
  needsEngine: true,
  options: {
    ...recipeOptions,
    out: outFolder,
    force: forceOption,
    variants: { type: 'string', value: 'N', about: 'pictures after it of each image, up to 8 (4 if absent)' },
    seed: { type: 'string', value: 'N', about: "of the draw (the recipe's if absent)" },
  },
  least: 1,
  most: 1 + mostItems,
  run: ({ words: [given = '', ...images], values, output }) => {
    const folder = folderOf(values);
    const variants = wholeNumber('variants', values.variants, 1, 8) ?? 4;
    const seed = wholeNumber('seed', values.seed, 0, 2 ** 31 - 1);
    const asked = askedRecipe(values);
    return withProject(given, async ({ studio, client }) => {
      const recipe = await asked(client);
      const items = await itemsOf(client, images);
      const { before, after } = await client.recipes.preview({
        preprocessing: recipe.preprocessing,
        augmentation: recipe.augmentation,
        itemIds: items.map(({ id }) => id),
        variants,
        seed: seed ?? recipe.training.seed,
      });
      const fetched = (address: string, name: string) =>
        bytesAt(studio, address).then((bytes): NamedBytes => ({ name, bytes }));
      // All of them, before the first is written.
      const pictures = await Promise.all(
        items.map(async (item, index) => {
          const stem = stemOf(item, index);
          return {
            item,
            before: await fetched(before[index]!, `${stem}-before.png`),
            after: await Promise.all(
              after.map((row, variant) => fetched(row[index]!, `${stem}-after-${variant + 1}.png`)),
            ),
          };
        }),
      );
      const files = pictures.flatMap((picture) => [picture.before, ...picture.after]);
      await writeFiles(folder, files, values);
      output.line(
        `${recipe.name} on ${counted(items.length, 'image')}: ${counted(files.length, 'file')} in ${folder}`,
      );
      for (const { name } of files) output.line(`  ${name}`);
      output.event('preview.finished', {
        recipe: recipe.name,
        folder,
        files: files.length,
        images: pictures.map((picture) => ({
          id: picture.item.id,
          name: picture.item.name,
          before: picture.before.name,
          after: picture.after.map(({ name }) => name),
        })),
      });
    });
  },
};

/** Such as 01-train-00042, by the place in the list, so that folders show them in its order. */
function stemOf({ name }: Item, index: number): string {
  const words = name.replace(/\.[^./]*$/, '').replace(/[^A-Za-z0-9]+/g, '-');
  return `${String(index + 1).padStart(2, '0')}-${words.slice(-80)}`;
}

/** @throws NOT_FOUND, CONFLICT, NOT_ENOUGH_DATA where none are named and there are none */
async function itemsOf(client: StudioClient, named: readonly string[]): Promise<Item[]> {
  if (named.length > 0) {
    const items: Item[] = [];
    for (const name of named) items.push(await chooseItem(client, name));
    return items;
  }
  const { items } = await client.items.list({ filter: { splits: ['train'] }, offset: 0, limit: shownItems });
  if (items.length > 0) return items;
  throw new AtelierError(
    'NOT_ENOUGH_DATA',
    'Expected training images to show, but the project has none. Import some: atelier import PROJECT SOURCE.',
  );
}
