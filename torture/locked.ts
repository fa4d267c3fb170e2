/**
 * Labels while another program holds the database's lock, which lets go of it when this process finds the time to tell
 * it so: a process that waits for the lock and can do nothing else would wait in vain. Each label is acknowledged and
 * there; where nobody lets go, it is refused as PROJECT_LOCKED, with the holder's name, and not there.
 */
import { spawn } from 'node:child_process';

import { once } from 'node:events';
import { join } from 'node:path';
import type { AtelierError } from '#contract/errors.ts';
import { OpenProject } from '#engine/project/project.ts';
import { generator } from '#learning/random-numbers.ts';
import { after, labelsIn, makeProject, same, stepOf } from './labels.ts';
import { inTrialFolder, type KillOptions } from './trials.ts';

interface LockedOptions extends KillOptions {
  /** Waits within SQLite, as the studio once did, to show that it is noticed. */
  sabotage?: 'blocking';
}

/** Once in so many, the lock is held until the label is refused. */
const stubborn = 10;
const waitMilliseconds = 60_000;
const briefly = 100;

export async function tortureLocked(options: LockedOptions) {
  const result = {
    /** Labels that were asked for while the lock was held elsewhere. */
    trials: 0,
    acknowledged: 0,
    /** Labels for which nobody let go of the lock. */
    refused: 0,
    losses: [] as string[],
  };
  return inTrialFolder('locked', result, (folder) => tryIn(folder, options, result));
}

async function tryIn(
  folder: string,
  { trials, seed, command, sabotage, onLine = () => undefined }: LockedOptions,
  result: { trials: number; acknowledged: number; refused: number; losses: string[] },
): Promise<void> {
  const path = join(folder, 'project.atelier');
  const terms = { waitMilliseconds };
  await makeProject(path);
  const project = await OpenProject.open(path, 'torture', terms);
  if (sabotage) await project.change((database) => database.exec('PRAGMA busy_timeout = 500'));
  const [program, ...args] = [...command, join(path, 'project.sqlite')];
  const other = spawn(program!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const end = () => void other.kill('SIGKILL');
  process.once('exit', end);
  const tell = async (told: 'take' | 'release') => {
    const done = once(other, 'message');
    other.send(told);
    await done;
  };
  let expected = labelsIn(path);

  async function label(number: number): Promise<void> {
    const uniform = generator(seed, number);
    const step = stepOf(seed, number);
    const isStubborn = number % stubborn === stubborn - 1;
    terms.waitMilliseconds = sabotage ? 0 : isStubborn ? briefly : waitMilliseconds;
    await tell('take');
    let settled = false;
    const labelled = project.relabel(step.itemIds, step.classId).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    void labelled.then(() => (settled = true));
    // What a process does that is not standing still.
    for (let turns = 1 + Math.floor(uniform() * 30); turns > 0; turns--)
      await new Promise((resolve) => setTimeout(resolve, 0));
    if (settled && !isStubborn) result.losses.push(`label ${number} did not wait for the lock`);
    if (!isStubborn) await tell('release');
    const fault = await labelled;
    if (isStubborn) await tell('release');
    if (fault === null) {
      result.acknowledged += 1;
      expected = after(expected, step);
      if (isStubborn) result.losses.push(`label ${number} was acknowledged under another program's lock`);
      return;
    }
    result.refused += 1;
    const { code, details } = fault as AtelierError;
    if (code !== 'PROJECT_LOCKED') result.losses.push(`label ${number} was refused as ${String(fault)}`);
    if (!isStubborn) result.losses.push(`label ${number} was refused, although the lock was let go of`);
    if (process.platform === 'linux' && details['pid'] !== other.pid)
      result.losses.push(`label ${number} was refused without the name of who holds the lock`);
  }

  try {
    for (let number = 0; number < trials; number++) {
      await label(number);
      result.trials += 1;
      if (result.trials % 500 === 0) onLine(`${result.trials} labels, ${result.losses.length} faults`);
    }
    const ended = once(other, 'exit');
    other.disconnect();
    await ended;
    await project.close();
    if (!same(labelsIn(path), expected))
      result.losses.push('the labels are not those that were acknowledged');
  } finally {
    end();
    process.off('exit', end);
    await project.close();
  }
  for (const loss of result.losses) onLine(loss);
}
