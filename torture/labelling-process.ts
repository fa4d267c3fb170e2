/**
 * The process that is killed: opens a project and labels for ever, saying the number of each step once it was
 * acknowledged. Started by label.ts with the project, the seed, and `early` to acknowledge before the commit.
 */
import { writeSync } from 'node:fs';
import { OpenProject } from '#engine/project/project.ts';
import { stepOf } from './labels.ts';

const [path, seed, sabotage] = process.argv.slice(2);
const say = (turn: number) => writeSync(1, `${turn}\n`);

async function label(): Promise<void> {
  const project = await OpenProject.open(path!, 'torture');
  for (let turn = 0; ; turn++) {
    const { itemIds, classId } = stepOf(Number(seed), turn);
    if (sabotage === 'early') say(turn);
    await project.relabel(itemIds, classId);
    if (sabotage !== 'early') say(turn);
  }
}

label().catch((thrown: unknown) => {
  process.stderr.write(`${String(thrown)}\n`);
  process.exitCode = 3;
});
