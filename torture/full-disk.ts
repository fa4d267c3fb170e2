/**
 * Labels until the disk is full, kills nothing, closes and opens the project on the full disk, deletes a run there and
 * goes on. All that was acknowledged is there; a full disk is told as that; the project opens, to look at least, and
 * deleting makes room.
 */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { OpenProject } from '#engine/project/project.ts';
import { presets } from '#recipe/presets.ts';
import { generator } from '#learning/random-numbers.ts';
import { after, labelsIn, makeProject, same, stepOf } from './labels.ts';
import { fill, mountSmall, unmount, whyNoMount } from './mounts.ts';
import { inTrialFolder, type TrialOptions } from './trials.ts';

interface FullDiskOptions extends TrialOptions {
  /** Takes what was refused for acknowledged, to show that this is noticed. */
  sabotage?: 'swallow';
}

const size = 8 * 2 ** 20;
/** Of the run that is deleted. */
const runBytes = 2 * 2 ** 20;
/** Most bytes that are left free at first, and most labels after which it goes on. */
const mostFree = 256 * 1024;
const mostLabels = 200;

/** @throws Error where nothing can be mounted */
export async function tortureFullDisk(options: FullDiskOptions) {
  const { trials, seed, sabotage, onLine = () => undefined } = options;
  const reason = whyNoMount();
  if (reason) throw new Error(`A full disk needs a file system of its own: ${reason}.`);
  const result = {
    trials: 0,
    acknowledged: 0,
    refused: 0,
    /** Openings on the full disk that allowed no more than to look. */
    looks: 0,
    losses: [] as string[],
  };
  return inTrialFolder('full', result, async (folder) => {
    const base = join(folder, 'base.atelier');
    const disk = join(folder, 'disk');
    const path = join(disk, 'project.atelier');
    await makeProject(base);
    const project = await OpenProject.open(base, 'torture');
    const run = await project.runs.create(presets.quick.recipe, 'Large', project.classes(), 1);
    writeFileSync(join(project.runs.folderOf(run.id), 'model.safetensors'), Buffer.alloc(runBytes));
    await project.runs.create(presets.quick.recipe, 'Interrupted', project.classes(), 1);
    await project.close();
    const labels = labelsIn(base);
    for (let trial = 0; trial < trials; trial++) {
      mountSmall(disk, size);
      try {
        cpSync(base, path, { recursive: true });
        await fillUp(disk, path, trial, labels, (what) => {
          result.losses.push(`trial ${trial}: ${what}`);
          onLine(result.losses.at(-1)!);
        });
      } finally {
        unmount(disk);
      }
      result.trials += 1;
      if (result.trials % 100 === 0) onLine(`${result.trials} trials, ${result.losses.length} lost`);
    }
  });

  async function fillUp(
    disk: string,
    path: string,
    trial: number,
    base: ReturnType<typeof labelsIn>,
    fault: (what: string) => void,
  ) {
    const uniform = generator(seed, trial);
    let expected = base;
    let turn = 0;
    /** @returns whether it was acknowledged */
    const label = async (project: OpenProject): Promise<boolean> => {
      const step = stepOf(seed * 1_000_000 + trial, turn++);
      try {
        await project.relabel(step.itemIds, step.classId);
      } catch (thrown) {
        if (!(thrown instanceof AtelierError) || thrown.code !== 'DISK_FULL')
          fault(`a label was refused as ${String(thrown)}`);
        if (sabotage) expected = after(expected, step);
        result.refused += 1;
        return false;
      }
      expected = after(expected, step);
      result.acknowledged += 1;
      return true;
    };
    const beforehand = uniform() < 0.5;
    const free = Math.floor(uniform() * mostFree);
    if (!beforehand) {
      const project = await OpenProject.open(path, 'torture');
      fill(disk, free);
      for (let tries = 0; tries < mostLabels && (await label(project)); tries++);
      // What has just failed does not come back by itself.
      await label(project);
      await project.close();
    }
    // Whatever else was free.
    rmSync(join(disk, 'rest'), { force: true });
    fillRest(disk);
    const project = await OpenProject.open(path, 'torture');
    if (project.stopped) result.looks += 1;
    const counts = project.summary().counts.total;
    if (counts !== expected.classIds.length - 1) fault(`it opened with ${counts} images`);
    const runs = await project.runs.list();
    if (runs.length !== 2 || runs.some(({ state }) => state !== 'failed'))
      fault(`it opened with the runs ${runs.map(({ id, state }) => `${id} ${state}`).join(', ')}`);
    await label(project);
    await project.runs.delete('run-1').catch((thrown: unknown) => fault(`the run stays: ${String(thrown)}`));
    if (existsSync(project.runs.folderOf('run-1'))) fault('the folder of the deleted run is there');
    if (project.stopped) fault('it is still only to be looked at after there was room');
    if (!(await label(project))) fault('a label was refused after there was room');
    await project.close();
    const again = await OpenProject.open(path, 'torture');
    if ((await again.runs.list()).map(({ id }) => id).join() !== 'run-2')
      fault('the deleted run is there again');
    await again.close();
    if (!same(labelsIn(path), expected)) fault('the labels are not those that were acknowledged');
  }

  function fillRest(disk: string): void {
    mkdirSync(disk, { recursive: true });
    try {
      writeFileSync(join(disk, 'rest'), Buffer.alloc(size));
    } catch (thrown) {
      // As much as there was room for.
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
    }
  }
}
