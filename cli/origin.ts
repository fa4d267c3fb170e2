/** `--continue RUN` and `--fine-tune RUN`: the earlier run whose weights something begins with. */
import type { Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Origin } from '#contract/run.ts';
import { chooseRun } from './choose.ts';
import { type Option, text, texts, type Values } from './command.ts';
import { usage } from './output.ts';
import { askedRecipe, changeRecipe } from './recipe.ts';

export const originOptions: Record<'continue' | 'fine-tune', Option> = {
  continue: { type: 'string', value: 'RUN', about: "go on anew with another run's weights and optimizer" },
  'fine-tune': { type: 'string', value: 'RUN', about: "begin anew with another run's weights" },
};

interface NamedOrigin {
  /** As the person named it. */
  run: string;
  how: Origin['how'];
}

/** null for random weights. @throws USAGE where both are given */
function originOf(values: Values): NamedOrigin | null {
  const continued = text(values.continue);
  const tuned = text(values['fine-tune']);
  if (continued !== undefined && tuned !== undefined)
    throw usage('Expected --continue RUN or --fine-tune RUN, received both.');
  if (continued !== undefined) return { run: continued, how: 'continue' };
  return tuned === undefined ? null : { run: tuned, how: 'fine-tune' };
}

/** What is trained, and the run it begins with; random weights where absent. */
export interface Beginning {
  recipe: Recipe;
  origin?: Origin;
}

/**
 * The recipe and the earlier run that were asked for; with an earlier run and no recipe, that run's own. What does not
 * depend on the project is refused before it is opened.
 * @throws USAGE, RECIPE_INVALID; the answer as `chooseRun` does
 */
export function askedBeginning(
  values: Values,
  tell?: (why: string) => void,
): (client: StudioClient) => Promise<Beginning> {
  const named = originOf(values);
  const changes = texts(values.set);
  if (named && values.backbone !== undefined)
    throw usage(
      `Expected --backbone NAME or --${named.how} RUN, received both: weights come from one of them.`,
    );
  const asked = named && values.recipe === undefined ? null : askedRecipe(values, tell);
  return async (client) => {
    const earlier = named && (await chooseRun(client, named.run));
    const recipe = asked ? await asked(client) : changeRecipe(earlier!.recipe, changes);
    return earlier ? { recipe, origin: { runId: earlier.id, how: named.how } } : { recipe };
  };
}
