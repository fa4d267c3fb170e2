import { expect, it } from 'vitest';
import { fields } from './fields.ts';
import { recipeJsonSchema, reference } from './reference.ts';

/** `npx vitest run recipe/reference.test.ts --update` writes it anew. */
it('docs/recipe.md is current', async () => {
  await expect(reference()).toMatchFileSnapshot('../docs/recipe.md');
});

it('the JSON Schema names each field, and refuses what is none', () => {
  const schema = JSON.stringify(recipeJsonSchema());
  for (const { label, help, path } of fields) {
    if (path === 'name') continue;
    expect(schema).toContain(JSON.stringify(label));
    expect(schema).toContain(JSON.stringify(help));
  }
  expect(recipeJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false });
});
