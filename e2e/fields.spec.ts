/** Each field of the recipe and each kind: what is chosen in the form is what --set makes of it on the command line. */
import type { Page } from '@playwright/test';
import { changeRecipe } from '../cli/recipe.ts';
import type { Json } from '../contract/errors.ts';
import { type Field, fields, type Kind } from '../recipe/fields.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { enter } from './rooms.ts';
import { expect, test } from './studio.ts';

/** One choice in the form, and the changes that say the same. */
interface Choice {
  set: [path: string, value: Json][];
  do(page: Page): Promise<unknown>;
}

const form = (page: Page) => page.getByRole('form', { name: 'All settings of the recipe' });

/** A number that the field may be and is not now. */
function another({ value, span, step = 1 }: Field, now: Json): number {
  const { min = 0, max = Infinity, whole = false } = value.type === 'number' ? value.bounds : {};
  const candidates = [...(span ?? []), Number(now) + step, Number(now) - step, min, max, (min + max) / 2];
  return candidates
    .map((one) => Number(one.toPrecision(10)))
    .find(
      (one) =>
        Number.isFinite(one) && one > min && one <= max && one !== now && (!whole || Number.isInteger(one)),
    )!;
}

const typed =
  (label: string, { percent }: Field, value: number) =>
  async (page: Page) => {
    const box = form(page).getByRole('spinbutton', { name: label, exact: true });
    const text = form(page).getByRole('textbox', { name: label, exact: true });
    const control = (await box.count()) > 0 ? box : text;
    await control.fill(String(percent ? Number((value * 100).toPrecision(10)) : value));
    await control.press('Enter');
  };
const select = (label: string, value: string) => (page: Page) =>
  form(page).getByRole('combobox', { name: label, exact: true }).selectOption(value);
const check = (label: string, on: boolean) => (page: Page) =>
  form(page).getByRole('checkbox', { name: label, exact: true }).setChecked(on);

/** The choices of one field; `before` is what must be chosen first. */
function choicesOf(
  field: Field,
  path: string,
  now: Json,
  before: Choice = { set: [], do: async () => {} },
): Choice[] {
  const { label, value, optional, valueWhenEnabled } = field;
  const after = (set: [string, Json][], act: (page: Page) => Promise<unknown>): Choice => ({
    set: [...before.set, ...set],
    do: async (page) => {
      await before.do(page);
      await act(page);
    },
  });
  if (optional && valueWhenEnabled !== undefined) {
    const opened = after([[path, 'on']], check(label, true));
    const inner = value.type === 'number' ? another(field, valueWhenEnabled) : null;
    return [
      opened,
      ...(inner === null
        ? []
        : [
            {
              set: [...opened.set, [path, inner] as [string, Json]],
              do: async (page: Page) => {
                await opened.do(page);
                await typed(field.valueLabel ?? label, field, inner)(page);
              },
            },
          ]),
    ];
  }
  switch (value.type) {
    case 'switch':
      return [after([[path, !now]], check(label, !now))];
    case 'number': {
      const next = another(field, now);
      return [after([[path, next]], typed(label, field, next))];
    }
    case 'choice':
      return value.values
        .filter((one) => one !== now && one !== 'bfloat16')
        .map((one) => after([[path, one]], select(label, String(one))));
    case 'kind':
      return Object.values(value.kinds)
        .filter(({ initial }) => initial !== null)
        .flatMap((kind) => kindChoices(kind, label, path));
    default:
      return [];
  }
}

/** A kind alone, and then each of its fields. */
function kindChoices(kind: Kind, label: string, path: string): Choice[] {
  const chosen: Choice = { set: [[path, kind.kind]], do: select(label, kind.kind) };
  const inner = Object.values(kind.fields).filter(({ value }) => value.type !== 'numbers');
  return [
    chosen,
    ...inner.flatMap((field) =>
      choicesOf(field, `${path}.${field.key}`, kind.initial![field.key]!, chosen).slice(0, 1),
    ),
  ];
}

/** What is offered for colour images alone needs them first. */
const colour: [string, Json] = ['preprocessing.channels', 3];

/** Adding one of a list: every kind that can be added. */
const additions = (path: string, menu: string, kinds: Kind[]): Choice[] =>
  kinds
    .filter(({ group }) => group !== undefined)
    .map(({ kind, label, colourOnly }) => ({
      set: [...(colourOnly ? [colour] : []), [`${path}.+`, kind]],
      do: async (page) => {
        if (colourOnly) await select('Channels', String(colour[1]))(page);
        await form(page).getByRole('button', { name: menu, exact: true }).click();
        await page
          .getByRole('menuitem', { name: new RegExp(`^${label}`) })
          .first()
          .click();
      },
    }));

/** As the window keeps it. */
const recipeIn = (page: Page): Promise<Recipe> =>
  page.evaluate(() => {
    const drafts = JSON.parse(localStorage.getItem('atelier.drafts') ?? '{}') as Record<string, unknown>;
    const find = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return null;
      if ('recipe' in value) return value.recipe;
      return Object.values(value).map(find).find(Boolean) ?? null;
    };
    return find(drafts) as never;
  });

const at = (recipe: unknown, path: string): Json =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], recipe) as Json;

/** Milliseconds between two looks at what the window keeps. */
const intervals = [20];

test('each field and each kind, in the window and on the command line', async ({ open, trained }) => {
  test.slow();
  const { page } = await open({ project: trained });
  await enter(page, 'Train');
  await page.getByRole('radio', { name: 'Best' }).check();
  await page.getByRole('button', { name: 'All settings' }).click();
  const folded = form(page).getByRole('heading', { level: 2 }).getByRole('button', { expanded: false });
  for (let left = await folded.count(); left > 0; left -= 1) await folded.first().click();
  // What waits for trained weights is shown where a run is fine-tuned.
  await form(page)
    .getByRole('radio', { name: /Fine-tune a run/ })
    .check();
  await form(page).getByRole('spinbutton', { name: 'Frozen layers' }).fill('1');
  await form(page).getByRole('spinbutton', { name: 'Frozen layers' }).press('Enter');

  const base = await recipeIn(page);
  const choices = fields.flatMap((field): Choice[] => {
    const { path, value } = field;
    if (path === 'augmentation')
      return additions(path, 'Add an augmentation', Object.values(value.type === 'list' ? value.kinds : {}));
    if (path === 'model.layers')
      return additions(path, 'Add a layer', Object.values(value.type === 'list' ? value.kinds : {}));
    if (path === 'training.earlyStopping.patience')
      return choicesOf(field, path, 5, {
        set: [['training.earlyStopping', 'on']],
        do: check('Early stopping', true),
      });
    return choicesOf(field, path, at(base, path) ?? null);
  });
  expect(choices.length).toBeGreaterThan(100);
  for (const choice of choices) {
    const name = choice.set.map(([path, value]) => `${path}=${JSON.stringify(value)}`).join(' ');
    await test.step(name, async () => {
      await choice.do(page);
      const said = changeRecipe(
        base,
        choice.set.map(
          ([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
        ),
      );
      await expect.poll(() => recipeIn(page), { message: name, intervals }).toEqual(said);
      for (let left = choice.set.length; left > 0 && !same(await recipeIn(page), base); left -= 1)
        await page.keyboard.press('Control+z');
      await expect.poll(() => recipeIn(page), { intervals }).toEqual(base);
    });
  }
});

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
