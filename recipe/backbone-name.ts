/** Names of the pre-trained networks that a recipe may begin with. */
import * as z from 'zod';

/** Networks trained on ImageNet, which set-up fetches. */
export const backboneNames = ['efficientnet-lite0', 'efficientnet-lite2'] as const;
export type PublishedBackbone = (typeof backboneNames)[number];

/**
 * A person's own, read from a file: the name that it was given, and the first half of a digest of its layers and weights,
 * so that a recipe means the same network on every machine.
 */
export type OwnBackbone = `${string}@${string}`;
const expected = `Expected ${backboneNames.join(', ')}, or NAME@DIGEST of one that was added (atelier backbones).`;
export const OwnBackbone = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,39}@[0-9a-f]{12}$/, expected) as unknown as z.ZodType<
  OwnBackbone,
  OwnBackbone
>;

export const BackboneName = z.union([z.enum(backboneNames), OwnBackbone], expected);
export type BackboneName = z.infer<typeof BackboneName>;

export const isPublished = (name: BackboneName): name is PublishedBackbone =>
  (backboneNames as readonly string[]).includes(name);
