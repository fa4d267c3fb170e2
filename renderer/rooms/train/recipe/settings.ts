/** The settings of the form: the recipe's fields in its sections, and what the next run starts from, which is no field. Pure. */
import { type Field, type FieldPath, fieldOfPath, fields, namesOf } from '#recipe/fields.ts';
import { sectionIds as recipeSections, type Section, sections as ofRecipe } from '#recipe/sections.ts';

export type SettingPath = FieldPath | 'origin';

export const sections = {
  ...ofRecipe,
  json: { title: 'JSON', also: 'file, copy, paste, import, export, save, command line' },
} satisfies Record<string, Section>;
export type SectionId = keyof typeof sections;
export const sectionIds: readonly SectionId[] = [...recipeSections, 'json'];

const origin = {
  label: 'Start from',
  help: 'Random weights, or those of a finished run.',
  also: 'continue, resume, fine-tune, finetune, transfer learning, pretrained, warm start, checkpoint, fresh',
};

export const wordsOf = (path: SettingPath): Pick<Field, 'label' | 'help'> =>
  path === 'origin' ? origin : fieldOfPath(path);

/** All that a setting can be found by, divided by commas. */
export const namesOfSetting = (path: SettingPath): string =>
  path === 'origin' ? `${origin.label},${origin.also}` : namesOf(fieldOfPath(path));

/** The settings of a section, in their order. */
export function settingsIn(id: SectionId): SettingPath[] {
  const own = fields.filter(({ section }) => section === id).map(({ path }) => path as FieldPath);
  return id === 'start' ? ['origin', ...own] : own;
}
