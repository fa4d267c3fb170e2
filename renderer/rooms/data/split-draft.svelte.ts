/**
 * Drawing the parts anew as a person sets it up: shares, what belongs together, the yes that a new test part takes; what it would come
 * to, and doing it. The draw itself is the studio's.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Project } from '#contract/project.ts';
import { GroupBy, type GroupKey, runsOnTest, type SplitDraw, type SplitReport } from '#contract/splits.ts';
import { counted } from '../../format.ts';
import { sayUndoable } from '../../state/notices.ts';
import type { Splits } from '../../state/splits.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { uploadFile } from '../../state/uploads.ts';

export class SplitDraft {
  /** What was changed here; anything else is as the project has it. */
  asked: { test?: number; validation?: number; seed?: number } = $state({});
  redrawTest = $state(false);
  fresh = $state(false);
  fixed = $state(false);
  /** The yes to figures of before that are no longer comparable. */
  accepted = $state(false);
  #lookAlikes: boolean | null = $state(null);
  #key: GroupKey | null = $state.raw(null);
  /** The table of a column, sent to the studio. */
  table: { name: string; uploadId: string } | null = $state.raw(null);
  report: SplitReport | null = $state.raw(null);
  /** Of the job under way. */
  jobId: string | null = $state(null);
  fault: AtelierError | null = $state.raw(null);
  #turn = 0;

  constructor(
    private readonly studio: Studio,
    private readonly splits: Splits,
    private readonly upload: (file: File) => Promise<string> = uploadFile,
  ) {}

  get #known(): GroupBy {
    return this.splits.state?.groups?.by ?? GroupBy.parse({});
  }
  get lookAlikes(): boolean {
    return this.#lookAlikes ?? this.#known.lookAlikes;
  }
  set lookAlikes(value: boolean) {
    this.#lookAlikes = value;
    this.report = null;
  }
  get key(): GroupKey {
    return this.#key ?? this.#known.key;
  }
  set key(value: GroupKey) {
    this.#key = value;
    this.report = null;
  }

  readonly job = $derived.by(() => this.studio.working.find(({ id }) => id === this.jobId));
  readonly test = $derived.by(() => this.splits.state?.test ?? null);
  /** Whether it takes a yes. */
  readonly locked = $derived(this.redrawTest && this.test !== null && runsOnTest(this.test) > 0);
  /** Why it cannot be drawn so; null where it can. */
  readonly problem = $derived.by(() => {
    const { key } = this;
    if (key.kind === 'prefix' && key.separator === '') return 'Write what parts the group from the rest.';
    if (key.kind === 'pattern' && key.pattern === '') return 'Write a pattern.';
    if (key.kind !== 'column') return null;
    if (key.column === '') return 'Write the name of the column.';
    return this.table || this.#key === null ? null : 'Choose the table that has the column.';
  });

  /** Another value of a field: what was tried says nothing of it. */
  ask(changed: { test?: number; validation?: number; seed?: number }): void {
    this.asked = { ...this.asked, ...changed };
    this.report = null;
  }
  with(changed: Partial<Pick<SplitDraft, 'redrawTest' | 'fresh' | 'fixed'>>): void {
    Object.assign(this, changed);
    if (!this.redrawTest) this.fresh = this.accepted = false;
    this.report = null;
  }
  /** A new test part that nothing was learned of: another seed, of images that are in none now. */
  askFresh({ splitSeed }: Project): void {
    this.with({ redrawTest: true, fresh: true });
    this.ask({ seed: splitSeed + 1 });
  }

  async choose(file: File): Promise<void> {
    try {
      this.table = { name: file.name, uploadId: await this.upload(file) };
      this.fault = null;
    } catch (thrown) {
      this.fault = thrown as AtelierError;
    }
  }

  #draw({ validationShare, testShare, splitSeed }: Project): SplitDraw {
    const { test = testShare, validation = validationShare, seed = splitSeed } = this.asked;
    const none = !this.lookAlikes && this.key.kind === 'none';
    return {
      validationShare: validation,
      seed,
      ...(this.redrawTest ? { testShare: test } : {}),
      fixed: this.fixed,
      groupBy: none ? null : { lookAlikes: this.lookAlikes, key: this.key },
      ...(this.table && this.key.kind === 'column'
        ? { table: { kind: 'upload', uploadId: this.table.uploadId } }
        : {}),
      ...(this.fresh && { fresh: true }),
    };
  }

  /** Shows what it would come to. */
  preview = async (): Promise<void> => {
    const { project } = this.studio;
    if (!project || this.problem) return;
    this.report = (await this.#carryOut({ ...this.#draw(project), dryRun: true })) ?? null;
  };

  /** @returns whether it was done */
  async redraw(): Promise<boolean> {
    const { project } = this.studio;
    if (!project || this.problem) return false;
    const report = await this.#carryOut({
      ...this.#draw(project),
      ...(this.accepted && { acceptNewTest: true }),
    });
    if (!report) return false;
    sayUndoable(this.studio, `Parts redrawn: ${counted(report.moved, 'image')} moved.`);
    this.leave();
    return true;
  }

  async #carryOut(draw: SplitDraw): Promise<SplitReport | undefined> {
    const turn = (this.#turn += 1);
    this.fault = null;
    try {
      const { id: jobId } = await this.studio.call((client) => client.splits.draw(draw));
      this.jobId = jobId;
      const { state, error } = await this.studio.finished(jobId);
      if (error) throw AtelierError.fromWire(error);
      if (state !== 'finished') return undefined;
      const report = await this.studio.call((client) => client.splits.report({ jobId }));
      // What can be undone is known once the project is.
      if (!draw.dryRun) this.studio.take(await this.studio.call((client) => client.project.current()));
      return turn === this.#turn ? report : undefined;
    } catch (thrown) {
      if (turn === this.#turn) this.fault = thrown as AtelierError;
      return undefined;
    } finally {
      if (turn === this.#turn) this.jobId = null;
    }
  }

  /** Closed: a preview that is under way is not waited for. */
  leave(): void {
    const { job } = this;
    if (job) void this.studio.cancel(job);
    this.reset();
  }

  reset(): void {
    this.#turn += 1;
    this.asked = {};
    this.redrawTest = this.fresh = this.fixed = this.accepted = false;
    this.#lookAlikes = this.#key = this.table = this.report = this.jobId = this.fault = null;
  }
}
