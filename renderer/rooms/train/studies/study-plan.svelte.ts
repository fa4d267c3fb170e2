/**
 * The plan of the next study: what a person set of it, checked by the contract's schema. Which fields a recipe offers for a
 * search is left to recipe/search-space.ts, the recipe itself to the draft.
 */
import { defaultShares, type Grouping, StudyPlan } from '#contract/study.ts';
import type { SearchParameter } from '#recipe/search-space.ts';

type PlanKind = StudyPlan['kind'];
/** What the studio would refuse. */
const halvedEpochs =
  'Successive halving decides how long each trial trains. Take the epochs out, or train all trials to the end.';
type Search = Extract<StudyPlan, { kind: 'search' }>;

export class StudyDraft {
  kind: PlanKind = $state('cross-validation');
  name = $state('');
  /** null keeps the project's split. */
  folds: number | null = $state(5);
  grouping: Grouping = $state.raw({ kind: 'groups' });
  /** As typed: whole numbers with commas or spaces between. */
  seeds = $state('1');
  /** Of a learning curve, as typed. */
  curveSeeds = $state('1, 2, 3');
  /** Parts of the training images in per cent, as typed. */
  shares = $state(defaultShares.map((share) => 100 * share).join(', '));
  space: SearchParameter[] = $state.raw([]);
  sampler: Search['sampler'] = $state('tpe');
  trials = $state(20);
  halving: Search['halving'] = $state.raw(null);
  seed = $state(1);
  /** null: automatic, by the cores. */
  parallel: number | null = $state(null);

  readonly #halvesEpochs = $derived(
    this.kind === 'search' &&
      this.halving !== null &&
      this.space.some(({ path }) => path === 'training.epochs'),
  );
  readonly #checked = $derived(StudyPlan.safeParse(this.#unchecked()));
  /** null while something is wrong with it. */
  readonly plan: StudyPlan | null = $derived(
    this.#checked.success && !this.#halvesEpochs ? this.#checked.data : null,
  );
  readonly fault: string | null = $derived.by(() => {
    const parsed = this.#checked;
    if (parsed.success) return this.#halvesEpochs ? halvedEpochs : null;
    const issue = parsed.error.issues[0]!;
    if (issue.path[0] === 'shares')
      return 'Parts are four to twelve growing numbers with commas between, the last one 100.';
    if (issue.path[0] === 'seeds') return 'Seeds are whole numbers from 0, with commas between.';
    if (issue.path[0] === 'space' && this.space.length === 0) return 'Choose a field to vary.';
    return `${issue.path.join('.')}: ${issue.message}`;
  });
  /** Trainings that this asks for; null where it cannot be said. */
  readonly trainings: number | null = $derived.by(() => {
    const { plan } = this;
    if (!plan) return null;
    if (plan.kind === 'cross-validation') return (plan.folds ?? 1) * plan.seeds.length;
    if (plan.kind === 'learning-curve') return plan.shares.length * plan.seeds.length;
    return Math.min(plan.trials, combinations(plan.space, plan.sampler === 'grid'));
  });

  vary(parameter: SearchParameter): void {
    if (!this.space.some(({ path }) => path === parameter.path)) this.space = [...this.space, parameter];
  }
  replace(parameter: SearchParameter): void {
    this.space = this.space.map((one) => (one.path === parameter.path ? parameter : one));
  }
  leave(path: string): void {
    this.space = this.space.filter((one) => one.path !== path);
  }

  reset(): void {
    this.name = '';
    this.space = [];
  }

  #unchecked(): unknown {
    const { kind, parallel } = this;
    if (kind === 'cross-validation') {
      return { kind, parallel, folds: this.folds, grouping: this.grouping, seeds: numbersIn(this.seeds) };
    }
    if (kind === 'learning-curve') {
      const shares = numbersIn(this.shares).map((share) => share / 100);
      return { kind, parallel, shares, seeds: numbersIn(this.curveSeeds) };
    }
    const { space, sampler, trials, halving, seed } = this;
    return { kind, parallel, space, sampler, trials, halving, seed };
  }
}

const numbersIn = (text: string): number[] =>
  text
    .split(/[\s,;]+/)
    .filter((one) => one !== '')
    .map(Number);

/** Different combinations of values, of a grid's points or of all there are; Infinity where a number varies continuously. */
function combinations(space: readonly SearchParameter[], grid: boolean): number {
  return space.reduce((product, one) => {
    if (one.kind === 'choice') return product * one.values.length;
    if (grid) return product * pointsOf(one);
    return product * (one.kind === 'integer' ? Math.max(1, one.high - one.low + 1) : Infinity);
  }, 1);
}

/** Different values that a grid takes: they may meet when they are rounded, to whole numbers or to four digits. */
function pointsOf({
  kind,
  low,
  high,
  points,
  logarithmic,
}: Exclude<SearchParameter, { kind: 'choice' }>): number {
  const values = Array.from({ length: points }, (_, index) => {
    const share = index / (points - 1);
    const value = logarithmic ? low * (high / low) ** share : low + (high - low) * share;
    const written = kind === 'integer' ? Math.round(value) : Number(value.toPrecision(4));
    return Math.min(high, Math.max(low, written));
  });
  return new Set(values).size;
}
