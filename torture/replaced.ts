/**
 * Takes an open project's folder, database or log away, or puts others in their place, as a program does that keeps
 * folders in step. No label may be acknowledged from then on, everybody is told, all that was acknowledged before is where
 * it was written, and what is there now opens whole.
 */
import { cp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { OpenProject } from '#engine/project/project.ts';
import { generator } from '#learning/random-numbers.ts';
import { after, type Labels, labelsIn, makeProject, same, stepOf } from './labels.ts';
import { inTrialFolder, type TrialOptions } from './trials.ts';

interface ReplacedOptions extends TrialOptions {
  /** Does not ask whether the file is still there, to show that this is noticed. */
  sabotage?: 'unchecked';
}

interface Place {
  /** The open project. */
  path: string;
  /** Where it is moved to. */
  aside: string;
  /** Another state of it, whole. */
  other: string;
}

/** What is done, and where all that was acknowledged must be afterwards; null where it is deleted. */
const ways: Record<string, (place: Place) => Promise<string | null>> = {
  'folder removed': async ({ path }) => (await rm(path, { recursive: true }), null),
  'folder moved': async ({ path, aside }) => (await rename(path, aside), aside),
  'folder replaced': async ({ path, aside, other }) => {
    await rename(path, aside);
    await cp(other, path, { recursive: true });
    return aside;
  },
  'database removed': async ({ path }) => (await rm(join(path, 'project.sqlite')), null),
  'database replaced': async ({ path, other }) => {
    await cp(join(other, 'project.sqlite'), join(path, 'project.sqlite.new'));
    await rename(join(path, 'project.sqlite.new'), join(path, 'project.sqlite'));
    return null;
  },
  'log removed': async ({ path }) => (await rm(join(path, 'project.sqlite-wal')), path),
  'log replaced': async ({ path }) => {
    await cp(join(path, 'project.sqlite-wal'), join(path, 'new'));
    await rename(join(path, 'new'), join(path, 'project.sqlite-wal'));
    return path;
  },
};

export async function tortureReplaced(options: ReplacedOptions) {
  const { trials, seed, sabotage, onLine = () => undefined } = options;
  const result = {
    trials: 0,
    acknowledged: 0,
    /** How often each was done. */
    ways: {} as Record<string, number>,
    losses: [] as string[],
  };
  return inTrialFolder('replaced', result, async (folder) => {
    const base = join(folder, 'base.atelier');
    const place: Place = {
      path: join(folder, 'open.atelier'),
      aside: join(folder, 'aside.atelier'),
      other: join(folder, 'other.atelier'),
    };
    await makeProject(base);
    await cp(base, place.other, { recursive: true });
    const stranger = await OpenProject.open(place.other, 'torture');
    await stranger.relabel([1, 2, 3], 9);
    await stranger.close();
    const [baseLabels, otherLabels] = [labelsIn(base), labelsIn(place.other)];
    for (let trial = 0; trial < trials; trial++) {
      await cp(base, place.path, { recursive: true });
      const names = Object.keys(ways);
      const way = names[trial % names.length]!;
      result.ways[way] = (result.ways[way] ?? 0) + 1;
      const fault = (what: string) => {
        result.losses.push(`trial ${trial} (${way}): ${what}`);
        onLine(result.losses.at(-1)!);
      };
      await strike(place, way, trial, baseLabels, otherLabels, fault);
      result.trials += 1;
      for (const path of [place.path, place.aside]) await rm(path, { recursive: true, force: true });
      if (result.trials % 500 === 0) onLine(`${result.trials} trials, ${result.losses.length} lost`);
    }
  });

  async function strike(
    place: Place,
    way: string,
    trial: number,
    base: Labels,
    other: Labels,
    fault: (what: string) => void,
  ): Promise<void> {
    const uniform = generator(seed, trial);
    const project = await OpenProject.open(place.path, 'torture', { checked: sabotage !== 'unchecked' });
    let told = 0;
    project.onStopped(() => (told += 1));
    let expected = base;
    let turn = 0;
    const label = async () => {
      const step = stepOf(seed * 1_000_000 + trial, turn++);
      await project.relabel(step.itemIds, step.classId);
      expected = after(expected, step);
      result.acknowledged += 1;
    };
    // None too: it may happen before the first change.
    for (let steps = Math.floor(uniform() * 6); steps > 0; steps--) await label();
    const kept = await ways[way]!(place);
    for (let tries = 0; tries < 2; tries++) {
      await label().then(
        () => fault('a label was acknowledged afterwards'),
        (thrown: unknown) => {
          const code = thrown instanceof AtelierError ? thrown.code : String(thrown);
          if (code !== 'PROJECT_REPLACED') fault(`a label was refused as ${code}`);
        },
      );
    }
    if (told !== 1) fault(`told ${told} times`);
    if (project.summary().readOnly?.code !== 'PROJECT_REPLACED') fault('its summary says nothing of it');
    await project.close();
    const check = (path: string, labels: Labels, what: string) => {
      try {
        if (!same(labelsIn(path), labels)) fault(`${what} holds other labels`);
      } catch (thrown) {
        fault(`${what}: ${(thrown as Error).message}`);
      }
    };
    if (kept !== null) check(kept, expected, 'what was opened');
    // What stands in its place is whole, and nothing of the old log has got into it.
    if (existsSync(join(place.path, 'project.sqlite')) && kept !== place.path)
      check(place.path, other, 'what took its place');
    if (kept !== null) {
      const again = await OpenProject.open(kept, 'torture');
      await again.relabel([5], 7);
      await again.close();
    }
  }
}
