/** What is known of a run when it is asked what would make it better: read of what is kept. Nothing is trained or looked at. */
import { augmentationWords, outdatedWords } from '#contract/finding-words.ts';
import type { FindingEntry } from '#contract/findings.ts';
import type { Run } from '#contract/run.ts';
import type { Facts, LabelErrors } from '#learning/improvements/facts.ts';
import { judgingTrainingLength } from '#learning/statistics/training-length.ts';
import { inTurns } from '#learning/work-in-turns.ts';
import { takesClassesAsTheyCome } from '#recipe/class-weights.ts';
import { identityOf } from '#recipe/identity.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { readAnswerRule } from '../jobs/calibrate.ts';
import { keptEmbeddings } from '../jobs/embed.ts';
import { readEvidence } from '../jobs/evidence.ts';
import { knownBackbones } from '../jobs/presets.ts';
import { splitState } from '../jobs/split-state.ts';
import type { FindingStore } from '../project/finding-store.ts';
import type { PredictionStore } from '../project/prediction-store.ts';
import type { OpenProject } from '../project/project.ts';
import { readSnapshot } from '../project/snapshot.ts';
import { learningCurveOf } from './learning-curve.ts';
import { whatIf } from './what-if.ts';

export interface FactSources {
  project: OpenProject;
  predictions: PredictionStore;
  findings: FindingStore;
}

/** Runs that are compared with this one, newest first. */
const mostCompared = 20;
const judged = 'validation';

/** @returns null where the run was not evaluated on its validation images @throws NOT_FOUND, also where predictions are lost */
export async function factsOf(sources: FactSources, runId: string): Promise<Facts | null> {
  const { project } = sources;
  const { runs } = project;
  const run = runs.get(runId);
  const evaluation = runs.evaluation(runId, judged);
  if (!evaluation) return null;
  const best = run.epochs.find(({ epoch }) => epoch === run.bestEpoch);
  const merging = await whatIf(project, sources.predictions, {
    runId,
    split: judged,
    change: { merge: [], drop: [] },
  });
  const [merge] = merging?.suggestions ?? [];
  const { leaks } = splitState(project);
  return {
    run: { id: run.id, name: run.name },
    validation: {
      count: evaluation.count,
      accuracy: evaluation.accuracy,
      classes: evaluation.classes.map(({ classId, name, support, recall }) => ({
        ...{ classId, name, support, recall },
      })),
    },
    trainAccuracy: best?.trainAccuracy ?? null,
    classImages: await classImagesOf(project, run),
    recipe: {
      epochs: run.recipe.training.epochs,
      backbone: run.recipe.model.backbone !== null,
      equalClasses: takesClassesAsTheyCome(run.recipe.training),
      augmentation: run.recipe.augmentation.map(({ kind }) => kind),
    },
    findings: await findingsOf(sources, runId, run.recipe),
    leaks: leaks && {
      images: leaks.validation.images + leaks.test.images,
      leaked: leaks.validation.leaked + leaks.test.leaked,
    },
    backboneThere: (await knownBackbones()).some(({ found }) => found),
    curve: await curveOf(project, run.recipe),
    length: await inTurns(judgingTrainingLength(run.epochs, run.bestEpoch), 'looking at the epochs'),
    merge: merge
      ? {
          classIds: merge.classIds,
          names: merge.names,
          gain: { value: merge.gain, ...merge.interval },
          fixed: merge.fixed,
          broken: merge.broken,
        }
      : null,
    better: await betterOf(sources, run),
    calibration: await calibrationOf(project, runId),
    calibrated: (await readAnswerRule(runs, runId)) !== null,
  };
}

async function classImagesOf({ runs }: OpenProject, { id }: Run): Promise<number[]> {
  const counts = runs.classesOf(id).map(() => 0);
  const snapshot = await readSnapshot(runs.folderOf(id));
  for (const row of snapshot?.train ?? []) counts[snapshot!.labels[row]!]! += 1;
  return counts;
}

/** The newest learning curve of this recipe that says something, else of another. */
async function curveOf(project: OpenProject, recipe: Recipe): Promise<Facts['curve']> {
  const own = identityOf(seedless(recipe));
  const studies = project.studies
    .list()
    .filter(({ plan }) => plan.kind === 'learning-curve')
    .map((study) => ({ study, sameRecipe: identityOf(seedless(study.recipe)) === own }))
    .sort((a, b) => Number(b.sameRecipe) - Number(a.sameRecipe));
  let unfinished: Facts['curve'] = null;
  for (const { study, sameRecipe } of studies) {
    const { overall, classes, leak } = await learningCurveOf(project, study.id);
    const found = { name: study.name, trainings: overall.points.length, sameRecipe, overall, classes, leak };
    if (overall.fit) return found;
    unfinished ??= found;
  }
  return unfinished;
}

/** Names and seeds are luck, not the recipe. */
const seedless = (recipe: Recipe): Recipe => ({
  ...recipe,
  name: '',
  training: { ...recipe.training, seed: 0 },
});

async function findingsOf(
  { project, predictions, findings: store }: FactSources,
  runId: string,
  recipe: Recipe,
): Promise<Facts['findings']> {
  const found = await store.get(keptEmbeddings(project)?.by ?? null);
  if (!found) return null;
  const looked = (kind: string) => found.kinds.find((one) => one.kind === kind)?.missing === null;
  const names = new Map(project.classes().map(({ id, name }) => [id, name]));
  const nameOf = (id: number) => names.get(id) ?? `class ${id}`;
  const augmented = new Set<string>(recipe.augmentation.map(({ kind }) => kind));
  const shortcuts = await store.left('shortcuts');
  const unsafe = await store.left('unsafe-augmentations');
  return {
    changed: outdatedWords(found).length > 0,
    labelErrors: looked('label-errors')
      ? await labelErrorsOf(project, predictions, await store.left('label-errors'), runId)
      : null,
    shortcuts: shortcuts.flatMap((entry) =>
      entry.measured === 'shortcut'
        ? [`${entry.fact} alone tells ${Math.round(100 * entry.accuracy)} % of classes`]
        : [],
    ),
    unsafe: unsafe.flatMap((entry) =>
      entry.measured === 'augmentation' && augmented.has(entry.augmentation.kind)
        ? [
            {
              ...{
                augmentation: augmentationWords(entry.augmentation).toLowerCase(),
                turned: entry.turned,
                images: entry.images,
              },
              ...{ from: nameOf(entry.from), to: nameOf(entry.to) },
            },
          ]
        : [],
    ),
  };
}

async function labelErrorsOf(
  { columns, runs }: OpenProject,
  predictions: PredictionStore,
  entries: readonly FindingEntry[],
  runId: string,
): Promise<LabelErrors> {
  const kept = await predictions.of(runId, judged);
  const classes = runs.classesOf(runId);
  const said = new Map(
    kept ? Array.from(kept.itemIds, (id, at) => [id, classes[kept.predicted[at]!]!.id]) : [],
  );
  const found = { train: 0, validation: 0, test: 0, asSuggested: [] as number[], asGiven: [] as number[] };
  for (const entry of entries) {
    if (entry.measured !== 'label') continue;
    for (const itemId of entry.itemIds) {
      const at = columns.positionOf(itemId);
      const part = at < 0 ? null : (['train', 'validation', 'test'] as const)[columns.splits[at]!];
      if (!part) continue;
      found[part] += 1;
      const answer = said.get(itemId);
      if (answer === entry.suggested) found.asSuggested.push(entry.suggestedProbability);
      if (answer === entry.given) found.asGiven.push(entry.suggestedProbability);
    }
  }
  return found;
}

/** The best of the newest runs that are shown to be better, on the validation images of both. */
async function betterOf({ project, predictions }: FactSources, run: Run): Promise<Facts['better']> {
  const others = (await project.runs.list())
    .filter(
      ({ id, state }) =>
        id !== run.id && state === 'finished' && project.runs.evaluatedAt(id, judged) !== null,
    )
    .slice(0, mostCompared);
  let best: Facts['better'] = null;
  for (const { id, name } of others) {
    const found = await predictions.compare(run.id, id, judged);
    if (found?.better !== 'B' || found.sameVersion === false) continue;
    const { difference: value, interval, fixed, broken } = found;
    if (!best || value > best.gain.value) best = { id, name, gain: { value, ...interval }, fixed, broken };
  }
  return best;
}

/** Of the validation images, as all that is chosen by; of the test images, which is then said, where nothing else was computed. */
export async function calibrationOf(
  { runs }: Pick<OpenProject, 'runs'>,
  runId: string,
): Promise<Facts['calibration']> {
  for (const split of [judged, 'test'] as const) {
    const evidence = await readEvidence(runs, runId, split);
    if (evidence?.calibration)
      return {
        split,
        error: evidence.calibration.error,
        scaled: evidence.temperature?.calibration.error ?? null,
      };
  }
  return null;
}
