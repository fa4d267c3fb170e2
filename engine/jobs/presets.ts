/** The presets for the open project: what its images are like is asked of its rows and, once, of a few originals. */
import { AtelierError } from '#contract/errors.ts';
import { trainable } from '#contract/project.ts';
import { backboneNames, type PresetName, type Recipe } from '#contract/recipe.ts';
import { findBackbone, foundBackbones } from '#learning/backbones/backbones.ts';
import { backboneLayers } from '#learning/backbones/efficientnet-lite.ts';
import { backbonePreprocessing, backboneTitles } from '#learning/backbones/published.ts';
import { presetsFor } from '#learning/model/presets.ts';
import { fashionMnist, type ProjectFacts } from '#learning/model/project-facts.ts';
import { rows } from '../project/database.ts';
import type { OpenProject } from '../project/project.ts';
import type { Workshop } from './workshop.ts';

/** Images that are looked at to tell whether a project has colours. */
const lookedAt = 48;

/** Whether a project has colours, as it was with its last item. */
const known = new WeakMap<OpenProject, { lastItemId: number; colour: boolean }>();

/** Without a project, or without images in it, as for Fashion-MNIST. */
export async function projectPresets(
  workshop: Workshop,
): Promise<{ preset: PresetName; about: string; recipe: Recipe }[]> {
  return presetsFor(await projectFacts(workshop));
}

/** All backbones, with what a recipe takes of each. */
export const knownBackbones = () =>
  backboneNames.map((name) => ({
    name,
    title: backboneTitles[name],
    found: findBackbone(name) !== null,
    layers: backboneLayers(name),
    preprocessing: backbonePreprocessing(name),
  }));

function projectOf(workshop: Workshop): OpenProject | null {
  try {
    return workshop.project();
  } catch (error) {
    if (error instanceof AtelierError && error.code === 'NO_PROJECT') return null;
    throw error;
  }
}

const withoutImages = (): ProjectFacts => ({ ...fashionMnist, backbones: foundBackbones() });

async function projectFacts(workshop: Workshop): Promise<ProjectFacts> {
  const project = projectOf(workshop);
  if (!project) return withoutImages();
  const classCounts = trainable(project.classes()).map(({ counts }) => counts.train);
  const images = classCounts.reduce((sum, count) => sum + count, 0);
  const sizes = await project.change((database) =>
    rows<{ id: number; kind: string; width: number; height: number }>(
      database,
      `SELECT items.id, sources.kind, items.width, items.height FROM items JOIN sources ON sources.id = items.source_id
       WHERE items.removed = 0 AND items.id IN (SELECT id FROM items ORDER BY (id * 2654435761) % 4294967296 LIMIT 1000)`,
    ),
  );
  if (images === 0 || sizes.length === 0) return withoutImages();
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  return {
    images,
    classCounts,
    width: middle(sizes.map(({ width }) => width)),
    height: middle(sizes.map(({ height }) => height)),
    colour: await hasColours(
      workshop,
      project,
      sizes.filter(({ kind }) => kind !== 'idx').map(({ id }) => id),
    ),
    backbones: foundBackbones(),
  };
}

/** IDX files are grey. Originals that cannot be read tell nothing: most pictures have colours. */
async function hasColours(
  workshop: Workshop,
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
  const { looked, coloured } = await workshop.warm.run('colours', { project: project.path, itemIds: chosen });
  const colour = looked === 0 || coloured / looked > 0.1;
  known.set(project, { lastItemId, colour });
  return colour;
}
