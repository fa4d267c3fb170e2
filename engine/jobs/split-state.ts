/** What the studio tells of the parts: groups as they were found last, how much the present parts leak, and the test part. */
import type { SplitState } from '#contract/splits.ts';
import type { OpenProject } from '../project/project.ts';
import type { JobServices } from './job-services.ts';

export function splitState(project: OpenProject): SplitState {
  const { groups, testParts, columns } = project;
  const leak = (part: 'validation' | 'test') => {
    const rows = columns.ofSplit(part);
    const training = new Set<number>();
    for (const row of columns.ofSplit('train')) {
      const group = groups.groupOf.get(columns.ids[row]!);
      if (group !== undefined) training.add(group);
    }
    const leaked = rows.reduce((count, row) => {
      const group = groups.groupOf.get(columns.ids[row]!);
      return group !== undefined && training.has(group) ? count + 1 : count;
    }, 0);
    return { images: rows.length, leaked };
  };
  const facts = groups.facts();
  return {
    groups: facts,
    leaks: facts && { validation: leak('validation'), test: leak('test') },
    test: testParts.state(),
  };
}

/** Says how it stands with parts and groups. */
export function tellSplits(services: Pick<JobServices, 'emit'>, project: OpenProject): void {
  services.emit({ event: 'splits.changed', splits: splitState(project) });
}
