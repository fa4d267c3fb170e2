/**
 * The recipe of the next run: a preset or an earlier recipe, and what the person changed of it, step by step. Each change
 * is checked and counted by the studio; what it says is shown beside the form, and decides whether Train is allowed. Each
 * project has its own, which outlives the window; the steps do not.
 */
import * as z from 'zod';
import { beginWith } from '#recipe/backbone-start.ts';
import { AtelierError, type Json } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { type Project, trainable } from '#contract/project.ts';
import { differences } from '#recipe/difference.ts';
import type { BackboneName } from '#recipe/backbone-name.ts';
import type { ModelSummary } from '#recipe/model-summary.ts';
import { type FieldChanges, withFields } from '#recipe/path.ts';
import { type PresetName, presetNames, Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { type Change, changes, same, setAt, within } from './changes.ts';
import { valueAt } from '#recipe/fields.ts';
import { noSteps, record, redo, type Steps, undo } from './history.ts';
import { Kept } from './kept.ts';
import type { Studio } from './studio.svelte.ts';

interface Preset {
  preset: PresetName;
  about: string;
  recipe: Recipe;
}

type Backbone = Awaited<ReturnType<StudioClient['recipes']['backbones']>>[number];

const settleMilliseconds = 150;
/** Labels that are given one after another are one change to the presets. */
const renewMilliseconds = 1000;

/** What undo brings back, and what is kept. */
const State = z.object({
  recipe: Recipe,
  /** What it started from. */
  base: Recipe,
  /** The preset it started from; null where that was another recipe. */
  preset: z.enum(presetNames).nullable(),
});
type State = z.infer<typeof State>;

export class Draft {
  presets: Preset[] = $state.raw([]);
  backbones: Backbone[] = $state.raw([]);
  #state: State | null = $state.raw(null);
  #steps: Steps<State> = $state.raw(noSteps);

  readonly recipe = $derived(this.#state?.recipe ?? null);
  readonly base = $derived(this.#state?.base ?? null);
  readonly preset = $derived(this.#state?.preset ?? null);
  /** What was changed since the preset or run it started from. */
  readonly changes: Change[] = $derived(this.#state ? changes(this.#state.base, this.#state.recipe) : []);
  readonly edited = $derived(this.changes.length > 0);
  readonly canUndo = $derived(this.#steps.past.length > 0);
  readonly canRedo = $derived(this.#steps.future.length > 0);

  summary: ModelSummary | null = $state.raw(null);
  /** What is wrong with the recipe. */
  fault: AtelierError | null = $state.raw(null);
  /** Summaries of the presets, for their cards. */
  costs: Partial<Record<PresetName, ModelSummary>> = $state.raw({});

  readonly overBudget = $derived(this.summary !== null && !this.summary.withinBudget);
  readonly ready = $derived(this.recipe !== null && this.fault === null && !this.overBudget);

  readonly #kept: Kept<State>;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asked = 0;
  /** The images that the presets were made for. */
  #presetsFor: string | null = null;
  #renewal: ReturnType<typeof setTimeout> | null = null;
  /** Classes for which the costs were counted. */
  #counted = 0;

  constructor(
    private readonly studio: Studio,
    store: Pick<Storage, 'getItem' | 'setItem'>,
  ) {
    this.#kept = new Kept(store, 'atelier.drafts', State);
  }

  /** Another project: the draft that was left there takes the place of this one. */
  reset(): void {
    this.#steps = noSteps;
    this.#state = null;
    if (this.presets.length === 0) return;
    this.#begin();
    this.#readAnew();
  }

  async read(): Promise<void> {
    const asked = imagesOf(this.studio.project);
    this.#presetsFor = asked;
    const [{ presets }, backbones] = await this.studio.call((client) =>
      Promise.all([client.recipes.presets(), client.recipes.backbones()]),
    );
    // Asked for other images meanwhile, those of another project among them.
    if (asked !== this.#presetsFor) return;
    this.presets = presets;
    this.backbones = backbones;
    this.#renew();
    if (this.recipe) this.#settle();
    else this.#begin();
    await this.readCosts();
  }

  #readAnew(): void {
    this.read().catch(() => (this.#presetsFor = null));
  }

  /** Another number of classes means another number of parameters, and may mean another number of class weights. */
  receive(event: StudioEvent): void {
    if (event.event !== 'project.changed' && event.event !== 'counts.changed') return;
    // Other images may want another recipe; a label given differently does not.
    if (this.presets.length > 0 && imagesOf(this.studio.project) !== this.#presetsFor) {
      if (this.#renewal) clearTimeout(this.#renewal);
      this.#renewal = setTimeout(() => this.#readAnew(), renewMilliseconds);
    }
    if (classCount(this.studio.project) === this.#counted) return;
    this.readCosts().catch(() => (this.#counted = 0));
  }

  /** Counts the presets' parameters for the open project's classes. */
  async readCosts(): Promise<void> {
    this.#counted = classCount(this.studio.project);
    if (!hasClasses(this.studio.project)) return;
    const costs: Partial<Record<PresetName, ModelSummary>> = {};
    for (const { preset, recipe } of this.presets) {
      costs[preset] = await this.studio.call((client) => client.recipes.summarise({ recipe }));
    }
    this.costs = costs;
    this.#settle();
  }

  /** Starts from a preset as it is. */
  choose(preset: PresetName): void {
    const found = this.presets.find((one) => one.preset === preset);
    if (!found || (this.preset === preset && !this.edited)) return;
    this.#enter({ recipe: found.recipe, base: found.recipe, preset }, null);
  }

  /**
   * Begins with a backbone's weights: its layers in front of a head, its size and normalisation, its layers frozen. Without
   * one the layers stay, and all are trained.
   */
  chooseBackbone(name: BackboneName | null): void {
    const backbone = this.backbones.find((one) => one.name === name);
    this.edit((recipe) => {
      if (backbone) return void Object.assign(recipe, beginWith(recipe, structuredClone(backbone)));
      recipe.model.backbone = name;
      recipe.training.frozenLayers = 0;
    });
  }

  /** Starts from any recipe: an earlier run's, or one from a file. `fields` are changed of it in the same step. */
  take(recipe: Recipe, fields: FieldChanges = {}): void {
    this.#enter({ recipe: withFields(recipe, fields), base: recipe, preset: null }, null);
  }

  edit(change: (recipe: Recipe) => void): void {
    if (!this.#state) return;
    const before = this.#state.recipe;
    const recipe = structuredClone(before);
    change(recipe);
    // By the field, not the list it stands in: two rows moved in a hurry are two steps.
    const changed = differences(before, recipe).map(({ path }) => path);
    if (changed.length === 0) return;
    this.#enter({ ...this.#state, recipe }, changed.join(' '));
  }

  /** Sets a field, as --set does; another kind begins with its defaults. */
  set(path: string, value: Json): void {
    this.setAll({ [path]: value });
  }

  /** Sets several as one step. What is not said is as it begins; what is wrong is kept, and shown as such. @returns what that changed */
  setAll(fields: FieldChanges): Change[] {
    const before = this.recipe;
    if (!before) return [];
    this.edit((recipe) => void Object.assign(recipe, withFields(recipe, fields)));
    return changes(before, this.recipe!);
  }

  /** What was changed of this setting or within it; none where it is as it started. */
  changed(setting: string): Change[] {
    return this.changes.filter(({ path }) => within(path, setting));
  }

  /** Puts settings back to what they were in the recipe it started from. */
  revert(settings: readonly string[]): void {
    const base = this.#state?.base;
    if (!base) return;
    const paths = settings.flatMap((setting) => this.changed(setting)).map(({ path }) => path);
    this.edit((recipe) => {
      for (const path of paths) setAt(recipe, path, structuredClone(valueAt(base, path)));
    });
  }

  undo(): void {
    this.#go(this.#state && undo(this.#steps, this.#state));
  }
  redo(): void {
    this.#go(this.#state && redo(this.#steps, this.#state));
  }

  /** Reads pasted JSON; null when it was taken, else what is wrong with it. */
  paste(text: string): string | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return `This is no JSON: ${(error as Error).message}`;
    }
    const parsed = Recipe.safeParse(value);
    if (!parsed.success) {
      return parsed.error.issues
        .slice(0, 4)
        .map(({ path, message }) => `${path.join('.') || 'recipe'}: ${message}`)
        .join('; ');
    }
    const { name } = parsed.data;
    // Another recipe is a start of its own; the same one, changed by hand, is an edit.
    if (this.#state?.recipe.name === name) this.#enter({ ...this.#state, recipe: parsed.data }, null);
    else this.take(parsed.data);
    return null;
  }

  /** As it was left in this project, else a preset. */
  #begin(): void {
    const { project } = this.studio;
    const kept = project && this.#kept.read(project.id);
    // A preset that was not changed is the one of today, whatever it was when it was kept.
    const changed = kept && (kept.preset === null || !same(kept.recipe, kept.base));
    const preset = kept?.preset ?? 'auto';
    const found = this.presets.find((one) => one.preset === preset);
    if (changed) this.#state = kept;
    else if (found) this.#state = { recipe: found.recipe, base: found.recipe, preset };
    this.#settle();
  }

  /** A preset that was not changed follows the project. */
  #renew(): void {
    const found = this.#state && this.presets.find((one) => one.preset === this.#state!.preset);
    if (!found || this.edited || same(found.recipe, this.#state!.recipe)) return;
    this.#state = { recipe: found.recipe, base: found.recipe, preset: found.preset };
    this.#keep();
  }

  /** One more step; `key` as in history.ts. */
  #enter(next: State, key: string | null): void {
    if (this.#state) this.#steps = record(this.#steps, this.#state, key, Date.now());
    this.#state = next;
    this.#keep();
    this.#settle();
  }
  #go(step: { steps: Steps<State>; state: State } | null): void {
    if (!step) return;
    this.#steps = step.steps;
    this.#state = step.state;
    this.#keep();
    this.#settle();
  }
  #keep(): void {
    const { project } = this.studio;
    if (project) this.#kept.write(project.id, this.#state);
  }

  #settle(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#summarise(), settleMilliseconds);
  }

  async #summarise(): Promise<void> {
    const { recipe } = this;
    if (!recipe || !hasClasses(this.studio.project)) return;
    const asked = ++this.#asked;
    try {
      const summary = await this.studio.call((client) => client.recipes.summarise({ recipe }));
      if (asked !== this.#asked) return;
      this.summary = summary;
      this.fault = null;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.fault = error instanceof AtelierError ? error : null;
    }
  }
}

const imagesOf = (project: Project | null): string =>
  project ? `${project.id} ${project.counts.total} ${project.counts.train} ${classCount(project)}` : '';

const classCount = (project: Project | null): number => trainable(project?.classes ?? []).length;
const hasClasses = (project: Project | null): boolean => (project?.classes.length ?? 0) > 0;
