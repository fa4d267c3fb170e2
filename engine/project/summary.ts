/** What the studio tells of a project: all of it, or what a label left different. */
import { longestClassName, readableName } from '#contract/names.ts';
import type { CountsChange, Project } from '#contract/project.ts';
import { classesWithCounts } from './classes.ts';
import { type Columns, noCounts } from './columns.ts';
import type { Database } from './database.ts';
import { journalHeads } from './journal.ts';
import { settingOf, splitSettings } from './settings.ts';
import { sourcesOf } from './sources.ts';

/** All but what the open project alone knows. */
export function summaryOf(
  database: Database,
  columns: Columns,
  id: string,
): Omit<Project, 'path' | 'readOnly' | 'problems'> {
  const { validationShare, testShare, seed } = splitSettings(database);
  return {
    id,
    name: readableName(settingOf(database, 'name'), longestClassName),
    createdAt: settingOf(database, 'createdAt'),
    sources: sourcesOf(database),
    classes: classesWithCounts(database, columns),
    counts: countsInAll(columns),
    validationShare,
    testShare,
    splitSeed: seed,
    ...journalHeads(database),
  };
}

/** What stands differently in the summary where only these classes' counts and the journal changed. */
export function countsChange(
  database: Database,
  columns: Columns,
  id: string,
  classIds: readonly number[],
): CountsChange {
  const { byClass } = columns.counts();
  return {
    projectId: id,
    classes: classIds.map((classId) => ({
      id: classId,
      counts: { ...(byClass.get(classId) ?? noCounts()) },
    })),
    counts: countsInAll(columns),
    ...journalHeads(database),
  };
}

function countsInAll(columns: Columns): Project['counts'] {
  const { all, relabelled, unlabelled, excluded, fixed } = columns.counts();
  return { ...all, relabelled, unlabelled, excluded, fixed };
}
