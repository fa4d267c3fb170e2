/** `atelier summary`: a recipe's network layer by layer, and whether it keeps its parameter budget. Trains nothing. */
import type { ModelSummary } from '#recipe/model-summary.ts';
import { keepBudget, summarise } from '#recipe/summary.ts';
import { type Command, wholeNumber } from '../command.ts';
import { count, table, usage } from '../output.ts';
import { type AskedRecipe, askedRecipe, recipeOptions } from '../recipe.ts';
import { withProject } from '../session.ts';

export const summaryCommand: Command = {
  name: 'summary',
  words: '[PROJECT]',
  about: "a recipe's network layer by layer; exit code 1 where it passes its parameter budget",
  needsEngine: false,
  options: {
    ...recipeOptions,
    classes: { type: 'string', value: 'N', about: 'how many the network tells apart, instead of a PROJECT' },
  },
  least: 0,
  most: 1,
  async run({ words: [given], values, output }) {
    const classes = wholeNumber('classes', values.classes, 2, 100_000);
    const asked = askedRecipe(values);
    const { recipe, summary } = await summaryOf(given, classes, asked);
    output.lines(describe(summary));
    output.event('summary', { recipe, ...summary });
    keepBudget(summary);
  },
};

/** @throws USAGE where the classes are named in both ways or in none */
async function summaryOf(given: string | undefined, classes: number | undefined, asked: AskedRecipe) {
  if (given === undefined && classes !== undefined) {
    const recipe = await asked(null);
    return { recipe, summary: summarise(recipe, classes) };
  }
  if (given !== undefined && classes === undefined) {
    return withProject(given, async ({ client }) => {
      const recipe = await asked(client);
      return { recipe, summary: await client.recipes.summarise({ recipe }) };
    });
  }
  throw usage(
    `Expected a PROJECT, whose classes the network tells apart, or --classes N, received ${given === undefined ? 'neither' : 'both'}.`,
  );
}

function describe(summary: ModelSummary): string[] {
  const { layers, parameters, multiplyAdds, parameterBudget } = summary;
  return [
    ...table([
      ['layer', 'output shape', 'parameters', 'multiply-adds', 'receptive field'],
      ...layers.map((layer) => [
        layer.name,
        layer.outputShape.join(' × '),
        count(layer.parameters),
        count(layer.multiplyAdds),
        layer.receptiveField === null ? 'all' : String(layer.receptiveField),
      ]),
    ]),
    '',
    `Parameters     ${count(parameters)}, budget ${count(parameterBudget)}`,
    `Multiply-adds  ${count(multiplyAdds)} per image`,
  ];
}
