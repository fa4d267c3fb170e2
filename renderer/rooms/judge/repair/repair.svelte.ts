/**
 * The repair screen: which images are shown and by what, since when one repairs, training again, and what came of it. Labels are
 * given by the shared store; what a comparison comes to, and taking all back, is the studio's.
 */
import type { StudioEvent } from '#contract/events.ts';
import type { Job } from '#contract/job.ts';
import type { Item, ItemFilter, Split } from '#contract/project.ts';
import type { EvaluatedLabels, RepairComparison, RepairSession } from '#contract/repair.ts';
import type { Run } from '#contract/run.ts';
import { isActive } from '#contract/study.ts';
import type { ImageBrowser } from '../../../state/browser.svelte.ts';
import type { Evaluations } from '../../../state/evaluations.svelte.ts';
import type { LabelStore } from '../../../state/labels.svelte.ts';
import { say } from '../../../state/notices.ts';
import type { Predictions } from '../../../state/predictions.svelte.ts';
import type { Runs } from '../../../state/runs.svelte.ts';
import type { Studio } from '../../../state/studio.svelte.ts';
import type { JudgeView } from '../judge-view.svelte.ts';
import { type SuspectPart, Suspects } from './suspects.svelte.ts';
import { factsByFinding, factsByRun, type ImageFacts } from '../image-words.ts';

export const repairLists = ['cell', 'losses', 'suspects', 'hard', 'fixed', 'broken'] as const;
export type RepairList = (typeof repairLists)[number];

interface Parts {
  studio: Studio;
  runs: Runs;
  evaluations: Pick<Evaluations, 'get' | 'want' | 'start'>;
  predictions: Pick<Predictions, 'get' | 'want'>;
  labels: Pick<LabelStore, 'act' | 'inTurn'>;
  view: JudgeView;
  browser: ImageBrowser;
}

/** So many changes go without a question. */
const unasked = 10;
/** As the image says it. */
const doubtful = 'Doubtful label';

export class RepairStore {
  list: RepairList = $state('losses');
  order: 'loss' | 'item' = $state('loss');
  /** null where nobody repairs. */
  session: RepairSession | null = $state.raw(null);
  /** Of the run that is judged, on the part that is shown; null where it was not evaluated there. */
  labels: EvaluatedLabels | null = $state.raw(null);
  /** null until both runs are evaluated on the part. */
  comparison: RepairComparison | null = $state.raw(null);
  /** Whether the question before many repairs are taken back is open. */
  asking = $state(false);
  readonly suspects: Suspects;
  #open = false;
  #reading = false;
  #again = false;
  /** Evaluations that were asked for here: one that fails or is cancelled is not asked for again. */
  readonly #asked = new Set<string>();

  constructor(private readonly parts: Parts) {
    this.suspects = new Suspects(parts.studio);
  }

  get run(): Run | null {
    return this.parts.runs.current;
  }
  /** The run that repairing began with. */
  get before(): Run | null {
    return (this.session && this.parts.runs.get(this.session.runId)) ?? this.run;
  }
  /** The one that was trained on the repaired labels. */
  get after(): Run | null {
    const id = this.session?.retrainedId;
    return (id && this.parts.runs.get(id)) || null;
  }
  /** Its training, while it is under way. */
  get training(): Run | null {
    return this.after && isActive(this.after) ? this.after : null;
  }
  get evaluating(): Job | undefined {
    const ids = [this.before?.id, this.after?.id];
    return this.parts.studio.working.find(
      ({ kind, runId }) => kind === 'evaluate' && runId !== null && ids.includes(runId),
    );
  }
  /** By what the images are shown. */
  get by(): Split | 'suspects' {
    if (this.list !== 'suspects') return this.parts.view.split;
    return this.suspects.ofTestPart ? 'test' : 'suspects';
  }

  /** The images of a list; null where there is none. */
  filterOf(list: RepairList): ItemFilter | null {
    const { run, before, after } = this;
    const { split, opened } = this.parts.view;
    const byLoss = run && this.order === 'loss' ? { byLoss: { runId: run.id, split } } : {};
    switch (list) {
      case 'cell':
        return opened && { cells: opened, ...byLoss };
      case 'losses':
        return run && { byLoss: { runId: run.id, split } };
      case 'suspects':
        return this.suspects.filter;
      case 'hard':
        return { hard: true, splits: [split] };
      case 'fixed':
      case 'broken':
        return before && after && this.comparison
          ? { compared: { baselineId: before.id, runId: after.id, split, which: list } }
          : null;
      default:
        return list satisfies never;
    }
  }

  /** When the screen is entered: what is changed from now on is one repair. */
  async enter(): Promise<void> {
    const { view, browser, studio } = this.parts;
    this.#open = true;
    if (view.opened && browser.filter.cells) this.list = 'cell';
    this.show();
    await this.refresh();
    if (!this.session && !studio.project?.readOnly) await this.begin();
  }

  /** Where nothing was changed, nobody repairs any more. */
  leave(): void {
    this.#open = this.asking = false;
    const { session } = this;
    const { view, browser, studio } = this.parts;
    if (session?.changes.steps === 0 && session.retrainedId === null && !studio.project?.readOnly)
      void studio.call((client) => client.repair.end()).catch(() => undefined);
    if (view.opened) void browser.show({ cells: view.opened });
  }

  async begin(): Promise<void> {
    const { run } = this;
    if (!run) return;
    const session = await this.parts.studio.attempt((client) => client.repair.begin({ runId: run.id }));
    if (session) this.session = session;
  }

  /** Shows this list from its beginning; where there is none, the top losses. */
  show(list: RepairList = this.list): void {
    const { browser } = this.parts;
    const filter = this.filterOf(list);
    this.list = filter ? list : 'losses';
    const shown = filter ?? this.filterOf('losses');
    if (shown) void browser.show(shown);
    if (list === 'suspects') void this.suspects.read();
  }
  showPart(part: SuspectPart): void {
    this.suspects.part = part;
    this.show('suspects');
  }
  orderBy(order: 'loss' | 'item'): void {
    this.order = order;
    this.show();
  }
  /** Opens one image of those that were fixed or broken. */
  async openChanged(list: 'fixed' | 'broken', place: number): Promise<void> {
    const { browser } = this.parts;
    const filter = this.filterOf(list);
    if (!filter) return;
    this.list = list;
    await browser.show(filter);
    browser.selection.move(place);
    browser.enlarge();
  }
  /** Another run or part is looked at. */
  follow(): void {
    if (!this.#open) return;
    this.show();
    void this.refresh();
  }

  /** What is said of an image: by the findings where it is one of the suspects, else by the run. */
  factsOf(item: Item): ImageFacts | null {
    const entry = this.list === 'suspects' ? this.suspects.entryOf(item.id) : undefined;
    if (entry) return factsByFinding(item, entry);
    const prediction = this.run && this.parts.predictions.get(this.run.id, item.id);
    return prediction ? factsByRun(item, prediction, this.#listedAs) : null;
  }
  /** In a cell: the labels that it is of. */
  readonly #listedAs = $derived.by(() => {
    const actual = this.list === 'cell' ? this.parts.view.opened?.actual : undefined;
    return actual ? new Set(actual) : null;
  });

  /** Gives the selected images what was predicted of each, or suggested, as one step; goes on to the next. */
  async accept(): Promise<void> {
    const { browser, labels } = this.parts;
    const wanted = new Map<number, number>();
    for (const index of browser.selection.targets()) {
      const item = browser.items.at(index);
      const facts = item && this.factsOf(item);
      if (facts) wanted.set(item.id, facts.said);
    }
    if (wanted.size === 0) return say('No prediction of this image is known.');
    await labels.act(browser, (client, itemIds) =>
      client.suggestions.accept({
        suggestions: itemIds.flatMap((itemId) => {
          const classId = wanted.get(itemId);
          return classId === undefined ? [] : [{ itemId, classId }];
        }),
      }),
    );
  }

  /** Takes the selected images out of all parts, and goes on to the next. */
  async exclude(): Promise<void> {
    const { browser, labels } = this.parts;
    await labels.act(browser, (client, itemIds) => client.items.exclude({ itemIds, reason: doubtful }));
  }

  /** Trains again in the background; the run that is looked at stays. */
  async retrain(): Promise<void> {
    const { runs, studio } = this.parts;
    if (!this.session) await this.begin();
    if (this.run) runs.choose(this.run.id);
    await studio.attempt((client) => client.repair.retrain());
    await this.refresh();
  }
  async cancel(): Promise<void> {
    if (this.training) await this.parts.runs.cancel(this.training.id);
  }

  /** Takes all back, after a question where that is much. */
  async askUndoAll(): Promise<void> {
    if ((this.session?.changes.steps ?? 0) > unasked) this.asking = true;
    else await this.undoAll();
  }
  /** Takes back all that was changed since one began to repair, and shows the run of before. */
  async undoAll(): Promise<void> {
    const { labels, runs, studio } = this.parts;
    const { session } = this;
    this.asking = false;
    if (!session) return;
    const done = await labels.inTurn(() =>
      studio.change(session.changes.steps, (client) => client.repair.undoAll()),
    );
    if (!done) return;
    runs.choose(session.runId);
    this.session = null;
    this.comparison = null;
    this.show();
    await this.refresh();
    if (this.#open) await this.begin();
    const trained =
      session.retrainedId === null ? '' : ' The run that was trained meanwhile stays in the list of runs.';
    say(`All repairs were taken back.${trained}`);
  }

  /** Keeps what was repaired: from here on another repair begins. */
  async keep(): Promise<void> {
    const { runs, studio } = this.parts;
    const { after } = this;
    if ((await studio.attempt((client) => client.repair.end())) === undefined) return;
    if (after && after.bestEpoch !== null) runs.choose(after.id);
    this.session = null;
    this.comparison = null;
    this.show();
    await this.refresh();
    if (this.#open) await this.begin();
  }

  /** Reads all that follows from labels and evaluations; once more where it changed meanwhile. */
  async refresh(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        await this.#read();
      } while (this.#again);
    } finally {
      this.#reading = false;
    }
  }

  async #read(): Promise<void> {
    const { studio, view } = this.parts;
    const project = studio.project?.id;
    if (project === undefined) return;
    const session = await studio.attempt((client) => client.repair.get());
    if (session === undefined || studio.project?.id !== project) return;
    this.session = session;
    const { run, before, after } = this;
    const { split } = view;
    const labels = run && (await studio.attempt((client) => client.repair.labels({ runId: run.id, split })));
    const comparison =
      before && after && before.id !== after.id && !isActive(after)
        ? await studio.attempt((client) =>
            client.repair.compare({ baselineId: before.id, runId: after.id, split }),
          )
        : null;
    if (studio.project?.id !== project || this.#again) return;
    this.labels = labels ?? null;
    this.comparison = comparison ?? null;
    if (before && after?.state === 'finished' && comparison === null)
      void this.#evaluate([before, after], split);
  }

  /** Both on the part that is looked at, where they are not. */
  async #evaluate(runs: readonly Run[], split: Split): Promise<void> {
    const { evaluations } = this.parts;
    for (const { id } of runs) {
      const key = `${id}/${split}`;
      if (this.#asked.has(key)) continue;
      await evaluations.want(id, split);
      if (evaluations.get(id, split) !== null) continue;
      this.#asked.add(key);
      await evaluations.start(id, split);
    }
  }

  receive(event: StudioEvent): void {
    if (!this.#open) return;
    switch (event.event) {
      case 'repair.changed':
        this.session = event.session;
        void this.refresh();
        break;
      case 'run.changed':
        if (event.run.id === this.session?.retrainedId && !isActive(event.run)) void this.refresh();
        break;
      case 'items.changed':
      case 'project.changed':
      case 'evaluation.finished':
        void this.refresh();
        break;
      case 'job.changed':
        if (event.job.kind === 'findings' && event.job.state === 'finished' && this.list === 'suspects')
          this.show();
        break;
    }
  }

  reset(): void {
    this.#open = this.asking = false;
    this.#asked.clear();
    this.list = 'losses';
    this.session = null;
    this.labels = null;
    this.comparison = null;
    this.suspects.reset();
  }
}
