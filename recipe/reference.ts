/** The reference of the recipe, for people (docs/recipe.md) and for editors (JSON Schema), both made of the table of fields. */
import * as z from 'zod';
import type { Json } from '#contract/errors.ts';
import { infoOfField, infoOfKind, isField, isKind } from './field.ts';
import { type Field, fields, type Kind, type Kinds } from './fields.ts';
import { expectation, shownNumber } from './number.ts';
import { CurrentRecipe } from './recipe.ts';
import { sectionIds, sections } from './sections.ts';

/** What a field may be, in words: "A number above 0, up to 100", "float32, bfloat16", "off, or a number …". */
export function allowedIn({ value, optional }: Field): string {
  const inner = () => {
    switch (value.type) {
      case 'number':
        return expectation(value.bounds);
      case 'numbers':
        return `Up to ${value.most} numbers`.replace('Up to Infinity numbers', 'Numbers');
      case 'switch':
        return 'true or false';
      case 'choice':
        return value.values.join(', ');
      case 'kind':
        return Object.keys(value.kinds).join(', ');
      case 'list':
        return `Up to ${value.most} of ${Object.keys(value.kinds).join(', ')}`;
      case 'group':
        return value.fields.map(({ key }) => key).join(', ');
      case 'text':
        return 'A name';
      case 'data':
        return 'Made by the studio';
    }
  };
  return optional ? `null (off), or ${inner().replace(/^A /, 'a ')}` : inner();
}

const inCode = (value: Json): string =>
  `\`${typeof value === 'number' ? shownNumber(value) : JSON.stringify(value)}\``;

/** @param enabled what it is where the group that it stands in is switched on */
function defaultOf({ initial, valueWhenEnabled }: Field, enabled?: Json): string {
  if (enabled !== undefined) return `${inCode(enabled)} when enabled`;
  if (initial === undefined) return 'required';
  return valueWhenEnabled === undefined
    ? inCode(initial)
    : `${inCode(initial)}, ${inCode(valueWhenEnabled)} when enabled`;
}

const row = (field: Field, enabled?: Json): string =>
  `| \`${field.path}\` | ${field.label} | ${field.help.replaceAll('|', '\\|')} | ${allowedIn(field).replaceAll('|', '\\|')} | ${defaultOf(field, enabled)} |`;

function rows(field: Field): string[] {
  const { value, valueWhenEnabled } = field;
  if (value.type !== 'group') return [row(field)];
  const enabled = valueWhenEnabled as Record<string, Json> | undefined;
  return [row(field), ...value.fields.map((one) => row(one, enabled?.[one.key]))];
}

const head = ['| field | name | what it does | values | default |', '| --- | --- | --- | --- | --- |'];

function kindLines({ kind, label, help, fields: own }: Kind): string[] {
  return [
    `- \`${kind}\`, ${label}: ${help}`,
    ...Object.values(own).map(
      (field) =>
        `  - \`${field.key}\`, ${field.label}: ${field.help} ${allowedIn(field)}; default ${defaultOf(field)}.`,
    ),
  ];
}

const kindsIn = ({ value }: Field): Kinds =>
  value.type === 'kind' || value.type === 'list' ? value.kinds : {};

/** docs/recipe.md */
export function reference(): string {
  const lines = [
    '# The recipe, field by field',
    '',
    'Made from `recipe/`, where each field is written once; do not edit it here. A recipe is a JSON document: the form in the',
    'window edits it, `atelier train --recipe FILE` reads it, and `--set PATH=VALUE` changes one field of it, such as',
    '`--set training.optimizer=lion` or `--set augmentation.+=shift`; an augmentation may be named by its kind, as in',
    '`--set augmentation.crop=off` or `--set augmentation.brightness.fraction=0.3`. `atelier recipe WORDS` finds a field by any of its names.',
    '',
    `A recipe begins with \`"format": ${JSON.stringify(CurrentRecipe.shape.format.value)}\` and \`"name"\`. Earlier formats are read too.`,
  ];
  for (const id of sectionIds) {
    const own = fields.filter(({ section }) => section === id);
    lines.push('', `## ${sections[id].title}`, '', ...head);
    for (const field of own) lines.push(...rows(field));
    for (const field of own) {
      const kinds = Object.values(kindsIn(field));
      if (kinds.length === 0) continue;
      lines.push('', `### ${field.label}: \`${field.path}\``, '');
      for (const kind of kinds) lines.push(...kindLines(kind));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** JSON Schema (draft 2020-12) of a recipe, with labels as titles and help as descriptions. */
export const recipeJsonSchema = (): object =>
  z.toJSONSchema(CurrentRecipe, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const schema = zodSchema as unknown as z.ZodType;
      const info = isField(schema) ? infoOfField(schema) : isKind(schema) ? infoOfKind(schema) : null;
      if (info) Object.assign(jsonSchema, { title: info.label, description: info.help });
    },
  });
