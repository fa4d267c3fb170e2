/**
 * For the kill test only: a process that opens a project and relabels for ever, telling of each label after it
 * was acknowledged. Started with the project's path; killed by labels.test.ts.
 */
import { OpenProject } from './project.ts';

void (async () => {
  const project = await OpenProject.open(process.argv[2]!, 'labelling test');
  const classIds = project.classes().map(({ id }) => id);
  for (let turn = 0; ; turn++) {
    const itemId = 1 + ((turn * 37) % project.columns.length);
    const classId = classIds[(turn * 7 + Number(process.argv[3])) % classIds.length]!;
    await project.relabel([itemId], classId);
    process.stdout.write(`${itemId} ${classId}\n`);
  }
})();
