/**
 * The recipe of the next run: a preset, and what the person changed of it. Each change is checked and
 * counted by the studio; what it says is shown beside the form, and decides whether Train is allowed.
 */
import type { Project, Run } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { type ModelSummary, type PresetName, Recipe } from '#contract/recipe.ts';
import type { Measured } from './estimate.ts';
import type { Studio } from './studio.svelte.ts';

export interface Preset {
  preset: PresetName;
  about: string;
  recipe: Recipe;
}

const settleMilliseconds = 150;

export class Draft {
  presets: Preset[] = $state.raw([]);
  preset: PresetName | null = $state(null);
  recipe: Recipe | null = $state.raw(null);
  /** Changed since the preset or run it started from. */
  edited = $state(false);
  summary: ModelSummary | null = $state.raw(null);
  /** What is wrong with the recipe. */
  fault: AtelierError | null = $state.raw(null);
  /** Summaries of the presets, for their cards. */
  costs: Partial<Record<PresetName, ModelSummary>> = $state.raw({});

  /** The pace of the latest run that was measured on this machine. */
  measured: Measured | null = $state.raw(null);

  readonly overBudget = $derived(this.summary !== null && !this.summary.withinBudget);
  readonly ready = $derived(this.recipe !== null && this.fault === null && !this.overBudget);

  readonly #studio: Studio;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asked = 0;
  #paceOf: string | null = null;
  /** Classes for which the costs were counted. */
  #counted = 0;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  async readPresets(): Promise<void> {
    const { presets } = await this.#studio.call((client) => client.recipes.presets());
    this.presets = presets;
    if (this.recipe) this.#settle();
    else this.choose('quick');
    await this.readCosts();
  }

  /** Another number of classes means another number of parameters. */
  receive(event: StudioEvent): void {
    if (event.event !== 'project.changed' || event.project?.classes.length === this.#counted) return;
    this.readCosts().catch(() => (this.#counted = 0));
  }

  /** Counts the presets' parameters for the open project's classes. */
  async readCosts(): Promise<void> {
    this.#counted = this.#studio.project?.classes.length ?? 0;
    if (this.#counted === 0) return;
    const costs: Partial<Record<PresetName, ModelSummary>> = {};
    for (const { preset, recipe } of this.presets) {
      costs[preset] = await this.#studio.call((client) => client.recipes.summarise({ recipe }));
    }
    this.costs = costs;
    this.#settle();
  }

  /** Learns the pace from the newest run that has one. */
  async learnPace(runs: readonly Run[]): Promise<void> {
    const run = runs.find(({ imagesPerSecond, state }) => imagesPerSecond !== null && state === 'finished');
    if (!run?.imagesPerSecond || run.id === this.#paceOf) return;
    this.#paceOf = run.id;
    const { recipe, imagesPerSecond } = run;
    const { multiplyAdds } = await this.#studio.call((client) => client.recipes.summarise({ recipe }));
    this.measured = { imagesPerSecond, multiplyAdds };
  }

  choose(preset: PresetName): void {
    const found = this.presets.find((one) => one.preset === preset);
    if (!found) return;
    this.preset = preset;
    this.recipe = found.recipe;
    this.edited = false;
    this.#settle();
  }

  /** Starts from any recipe: an earlier run's, or pasted JSON. */
  take(recipe: Recipe): void {
    this.recipe = recipe;
    this.preset = null;
    this.edited = true;
    this.#settle();
  }

  edit(change: (recipe: Recipe) => void): void {
    if (!this.recipe) return;
    const next = structuredClone(this.recipe);
    change(next);
    this.recipe = next;
    this.edited = true;
    this.#settle();
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
    this.take(parsed.data);
    return null;
  }

  #settle(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#summarise(), settleMilliseconds);
  }

  async #summarise(): Promise<void> {
    const { recipe } = this;
    if (!recipe || !hasClasses(this.#studio.project)) return;
    const asked = ++this.#asked;
    try {
      const summary = await this.#studio.call((client) => client.recipes.summarise({ recipe }));
      if (asked !== this.#asked) return;
      this.summary = summary;
      this.fault = null;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.fault = error instanceof AtelierError ? error : null;
    }
  }
}

const hasClasses = (project: Project | null): boolean => (project?.classes.length ?? 0) > 0;
