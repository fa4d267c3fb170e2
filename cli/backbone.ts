/** `--backbone NAME`: the pre-trained network that a recipe is to begin with. */
import { BackboneName } from '#recipe/backbone-name.ts';
import type { BackboneStart } from '#recipe/backbone-start.ts';
import { AtelierError } from '#contract/errors.ts';
import { visible } from '#contract/visible.ts';
import { requireBackbone } from '#learning/backbones/backbones.ts';
import { backboneTitle, defineBackbone } from '#learning/backbones/definition.ts';
import { listOwn } from '#learning/backbones/own.ts';
import { backboneStart } from '#recipe/auto-recipe.ts';
import { type Option, text, type Values } from './command.ts';
import { usage } from './output.ts';

export const backboneOption: Option = {
  type: 'string',
  value: 'NAME',
  about:
    'put its layers, frozen, in front of a head, in place of those of the recipe (see atelier backbones)',
};

/**
 * The backbone of this name: NAME@DIGEST, or NAME alone where one that was added has it; null where it can be none.
 * @throws USAGE where several have it
 */
export function namedBackbone(given: string): BackboneName | null {
  const parsed = BackboneName.safeParse(given);
  if (parsed.success) return parsed.data;
  const [first, ...others] = listOwn().filter(({ name }) => backboneTitle(name) === given);
  if (others.length > 0)
    throw usage(
      `Expected one backbone, ${given} is ${[first!, ...others].map(({ name }) => name).join(' and ')}. Name it with its digest.`,
    );
  return first?.name ?? null;
}

/** What was asked for by --backbone; null for nothing. @throws NOT_FOUND, BACKBONE_NOT_FOUND, USAGE */
export function askedBackbone(values: Values): { title: string; start: BackboneStart } | null {
  const given = text(values.backbone);
  if (given === undefined) return null;
  const name = namedBackbone(given);
  if (name === null)
    throw new AtelierError(
      'NOT_FOUND',
      `Expected the name of a backbone for --backbone, received ${visible(given)}. See: atelier backbones.`,
      { name: given },
    );
  requireBackbone(name);
  const definition = defineBackbone(name)!;
  return { title: definition.title, start: { name, ...backboneStart(definition) } };
}
