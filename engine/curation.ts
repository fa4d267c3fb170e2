/** The commands that curate a data set: classes, exclusion, notes and tables of labels. What they come to is planned in project/. */
import { faultsTold, type LabelEdit, type LabelFileReport, type LabelsReport } from '#contract/labels.ts';
import type { Class, Project } from '#contract/project.ts';
import type { StudioState } from './studio-state.ts';
import {
  planDeleteClass,
  planExclude,
  planHard,
  planNote,
  planRecolour,
  planSplitClass,
} from './project/curation-plans.ts';
import type { Database } from './project/database.ts';
import { planLabelTable } from './project/label-table.ts';
import type { Plan } from './project/plans.ts';
import type { OpenProject } from './project/project.ts';
import { inWorker } from './jobs/workers.ts';
import type { JobServices } from './jobs/job-services.ts';
import type { Uploads } from './uploads.ts';

interface LabelTerms {
  /** Only says what it would come to. */
  dryRun?: boolean | undefined;
  /** Yes to another test part. */
  acceptNewTest?: boolean | undefined;
}

export class Curation {
  constructor(private readonly state: Pick<StudioState, 'project' | 'changed'>) {}

  /** Makes a change of the open project, tells of it, and answers with the project as it is then. */
  async #record(
    plan: (database: Database, project: OpenProject) => Plan | null,
    acceptNewTest = false,
  ): Promise<Project> {
    const project = this.state.project();
    return this.state.changed(await project.record((database) => plan(database, project), acceptNewTest));
  }

  exclude = (itemIds: readonly number[], reason: string | null): Promise<Project> =>
    this.#record((database, { columns }) => planExclude(database, columns, itemIds, reason));

  setNote = (itemIds: readonly number[], note: string): Promise<Project> =>
    this.#record((database, { columns }) => planNote(database, columns, itemIds, note));

  setHard = (itemIds: readonly number[], hard: boolean): Promise<Project> =>
    this.#record((_, { columns }) => planHard(columns, itemIds, hard));

  recolour = (classId: number, colour: string | null): Promise<Project> =>
    this.#record((database) => planRecolour(database, classId, colour));

  deleteClass = (classId: number, into: number | null): Promise<Project> =>
    this.#record((database, { columns }) => planDeleteClass(database, columns, classId, into));

  async splitClass(itemIds: readonly number[], name: string): Promise<Class> {
    let classId = 0;
    const { classes } = await this.#record((database, { columns }) => {
      const split = planSplitClass(database, columns, itemIds, name);
      ({ classId } = split);
      return split.plan;
    });
    return classes.find(({ id }) => id === classId)!;
  }

  /** @throws CONFLICT where images would go into or out of a used test part, without a yes */
  async applyLabels(
    rows: readonly LabelEdit[],
    { dryRun = false, acceptNewTest = false }: LabelTerms,
  ): Promise<LabelsReport> {
    let report: LabelsReport | null = null;
    const plan = (database: Database, { columns, path, testParts }: OpenProject) => {
      const planned = planLabelTable(database, columns, path, rows);
      report = { ...planned.report, newTest: planned.plan && testParts.lockOn(planned.plan.change) };
      return dryRun ? null : planned.plan;
    };
    if (dryRun) {
      const project = this.state.project();
      await project.record((database) => plan(database, project));
    } else await this.#record(plan, acceptNewTest);
    return report!;
  }
}

/** @throws NOT_FOUND for an unknown upload, SOURCE_UNREADABLE where it is no table of labels, NO_PROJECT */
export async function applyLabelFile(
  { spawner }: Pick<JobServices, 'spawner'>,
  uploads: Uploads,
  curation: Pick<Curation, 'applyLabels'>,
  { uploadId, ...terms }: { uploadId: string } & LabelTerms,
): Promise<LabelFileReport> {
  const { edits, faults, unused } = await uploads.during(uploadId, () =>
    inWorker(spawner, ['reading of labels', 'try again'], (worker) =>
      worker.run('read-labels', { file: uploads.fileOf(uploadId) }),
    ),
  );
  const told = await curation.applyLabels(edits, terms);
  const all = [...told.faults, ...faults].sort((a, b) => a.row - b.row);
  return {
    ...told,
    rows: told.rows + faults.length,
    faults: all.slice(0, faultsTold),
    faulty: all.length,
    unused,
  };
}
