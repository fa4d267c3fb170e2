/** `atelier recipe`: a recipe field by field, found by any of its names: what --set can change. Trains nothing. */
import { fields, type Field, type Kind, namesOf, namesOfKind, valueAt } from '#recipe/fields.ts';
import { matches } from '#recipe/find.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { allowedIn, recipeJsonSchema } from '#recipe/reference.ts';
import { sectionIds, sections } from '#recipe/sections.ts';
import { shownValue } from '#recipe/values.ts';
import type { Command } from '../command.ts';
import { type Output, table, usage } from '../output.ts';
import { askedRecipe, recipeOptions } from '../recipe.ts';

export const recipeCommand: Command = {
  name: 'recipe',
  words: '[WORDS…]',
  about: "a recipe's fields, or those of a name such as “learning rate”: what --set can change",
  needsEngine: false,
  options: {
    ...recipeOptions,
    schema: { type: 'boolean', about: 'the JSON Schema of recipes, for editors, instead' },
  },
  least: 0,
  most: 8,
  async run({ words, values, output }) {
    if (values.schema) {
      const schema = recipeJsonSchema();
      output.lines(JSON.stringify(schema, null, 2).split('\n'));
      output.event('schema', { schema });
      return;
    }
    const recipe = await askedRecipe(values)(null);
    const query = words.join(' ');
    const found = fields.filter((field) => query === '' || matches(query, namesOf(field)));
    if (found.length === 0)
      throw usage(
        `Expected a name of a field, such as “learning rate” or “flip”, received ${JSON.stringify(query)}. All fields: atelier recipe.`,
      );
    if (query === '') list(recipe, output);
    else for (const field of found) tell(field, recipe, query, output);
    output.event('recipe', { recipe, found: found.map(({ path }) => path) });
  },
};

function list(recipe: Recipe, output: Output): void {
  for (const id of sectionIds) {
    const own = fields.filter(({ section }) => section === id);
    output.line(sections[id].title);
    output.lines(
      table(own.map(({ path, label }) => [`  ${path}`, shownValue(path, valueAt(recipe, path)), label])),
    );
    output.line();
  }
  output.line('More of one: atelier recipe WORDS. To change it: --set PATH=VALUE.');
}

function tell(field: Field, recipe: Recipe, query: string, output: Output): void {
  const { path, label, help, value } = field;
  output.line(`${path}  ${label}`);
  output.line(`  ${help}`);
  output.line(`  now ${shownValue(path, valueAt(recipe, path))}; ${allowedIn(field)}`);
  if (value.type === 'kind' || value.type === 'list') {
    const kinds = Object.values(value.kinds);
    const named = kinds.filter((kind) => matches(query, namesOfKind(kind)));
    for (const kind of named.length > 0 ? named : kinds) tellKind(path, kind, value.type === 'list', output);
  }
  output.line();
}

function tellKind(
  path: string,
  { kind, label, help, fields: own }: Kind,
  listed: boolean,
  output: Output,
): void {
  output.line(`  --set ${path}${listed ? '.+' : ''}=${kind}  ${label}: ${help}`);
  for (const field of Object.values(own))
    output.line(`    ${field.key}  ${field.label}: ${field.help} ${allowedIn(field)}`);
}
