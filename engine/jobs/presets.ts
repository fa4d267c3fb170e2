/** The presets for the open project: what its images are like is asked of its rows and, once, of a few originals. */
import { AtelierError } from '#contract/errors.ts';
import { trainable } from '#contract/project.ts';
import { backboneNames } from '#recipe/backbone-name.ts';
import type { PresetName, Recipe } from '#recipe/recipe.ts';
import { foundBackbones, isFound } from '#learning/backbones/backbones.ts';
import { defineBackbone } from '#learning/backbones/definition.ts';
import { listOwn } from '#learning/backbones/own.ts';
import { backboneStart } from '#recipe/auto-recipe.ts';
import { presetsFor } from '#recipe/presets.ts';
import { fashionMnist, type ProjectFacts } from '#recipe/project-facts.ts';
import { storageOf } from '../images/storage/storages.ts';
import { median, sampledSizes } from '../project/items.ts';
import type { OpenProject } from '../project/project.ts';
import type { JobServices } from './job-services.ts';

/** Images that are looked at to tell whether a project has colours. */
const lookedAt = 48;

/** Whether a project has colours, as it was with its last item. */
const known = new WeakMap<OpenProject, { lastItemId: number; colour: boolean }>();

/** Without a project, or without images in it, as for Fashion-MNIST. */
export async function projectPresets(
  services: JobServices,
): Promise<{ preset: PresetName; about: string; recipe: Recipe }[]> {
  return presetsFor(await projectFacts(services));
}

/** All published backbones and those that the person added, with what a recipe takes of each. */
export const knownBackbones = () =>
  [...backboneNames, ...listOwn().map(({ name }) => name)].flatMap((name) => {
    const definition = defineBackbone(name);
    if (!definition) return [];
    return [{ name, title: definition.title, found: isFound(name), ...backboneStart(definition) }];
  });

function projectOf(services: JobServices): OpenProject | null {
  try {
    return services.project();
  } catch (error) {
    if (error instanceof AtelierError && error.code === 'NO_PROJECT') return null;
    throw error;
  }
}

const withoutImages = (): ProjectFacts => ({ ...fashionMnist, backbones: foundBackbones() });

async function projectFacts(services: JobServices): Promise<ProjectFacts> {
  const project = projectOf(services);
  if (!project) return withoutImages();
  const labelled = trainable(project.classes()).map(({ counts }) => counts.train);
  const trained = labelled.reduce((sum, count) => sum + count, 0);
  // Before anything is labelled, all images are what will train: their size and colours are known.
  const { total } = project.columns.counts().all;
  const [images, classCounts] = trained > 0 ? [trained, labelled] : [total, [total]];
  const sizes = project.read(sampledSizes);
  if (images === 0 || sizes.length === 0) return withoutImages();
  return {
    images,
    classCounts,
    width: median(sizes.map(({ width }) => width)),
    height: median(sizes.map(({ height }) => height)),
    colour: await hasColours(
      services,
      project,
      sizes.filter((size) => storageOf(size.storage).channels(size) !== 1).map(({ id }) => id),
    ),
    backbones: foundBackbones(),
  };
}

/** Originals that cannot be read tell nothing: most pictures have colours. */
async function hasColours(
  services: JobServices,
  project: OpenProject,
  itemIds: readonly number[],
): Promise<boolean> {
  if (itemIds.length === 0) return false;
  const { ids, length } = project.columns;
  const lastItemId = ids[length - 1]!;
  const before = known.get(project);
  if (before?.lastItemId === lastItemId) return before.colour;
  const step = Math.max(1, Math.floor(itemIds.length / lookedAt));
  const chosen = itemIds.filter((_, index) => index % step === 0).slice(0, lookedAt);
  const { looked, coloured } = await services.warm.run('colours', { project: project.path, itemIds: chosen });
  const colour = looked === 0 || coloured / looked > 0.1;
  known.set(project, { lastItemId, colour });
  return colour;
}
