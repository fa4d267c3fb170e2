/**
 * Kills the studio of an import, and the studio alone: at any time, or while the images are being saved. Opens the project at
 * once, while its worker may still be there, and once more when that is gone: none of the images or all of them must be in
 * it, in memory as on the disk, and an import that was lost must work when it is done again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { openForReading, row } from '#engine/project/database.ts';
import { idxFile } from '#engine/intake/testing.ts';
import { databaseName } from '#engine/project/folder.ts';
import { OpenProject } from '#engine/project/project.ts';
import { type RandomStream, generator } from '#learning/random-numbers.ts';
import { atelier } from './command-line.ts';
import { inTrialFolder, type KillOptions } from './trials.ts';

interface ImportOptions extends KillOptions {
  /** Images of the source. */
  images?: number;
  /** Added to the environment of what is killed, to show that it is noticed. */
  sabotage?: NodeJS.ProcessEnv;
}

const side = 4;

export async function tortureImport(options: ImportOptions) {
  const { trials, seed, command, images = 30_000, sabotage = {}, onLine = () => undefined } = options;
  const result = {
    trials: 0,
    /** Kills after which none of the images were there, and all of them. */
    none: 0,
    all: 0,
    /** Kills while the images were being saved. */
    saving: 0,
    losses: [] as { trial: number; what: string }[],
  };
  return inTrialFolder('import', result, async (place) => {
    const temporary = join(place, 'temporary');
    const environment = {
      ...process.env,
      ATELIER_STATE: join(place, 'state.json'),
      // What a killed studio leaves there goes with the rest.
      TMPDIR: temporary,
    };
    const source = join(place, 'source');
    const base = join(place, 'base.atelier');
    await mkdir(temporary);
    await writeSource(source, images, seed);
    await writeSource(join(place, 'few'), 40, seed + 1);
    await atelier(command, ['new', base, '--from', join(place, 'few')], environment);
    const before = countOnDisk(base);
    const reference = join(place, 'reference.atelier');
    await cp(base, reference, { recursive: true });
    const whole = await strike([...command, 'import', reference, source], environment, null);
    const added = countOnDisk(reference) - before;
    let late = 0;
    for (let trial = 1; trial <= trials;) {
      const uniform = generator(seed, trial * 1000 + result.trials + result.losses.length + late);
      const project = join(place, 'trial.atelier');
      await rm(project, { recursive: true, force: true });
      await cp(base, project, { recursive: true });
      const blow = blowAt(uniform, whole);
      const struck = await strike(
        [...command, 'import', project, source],
        { ...environment, ...sabotage },
        blow,
      );
      if (!struck.killed) {
        // The blow came too late: it is kills that are counted, and the next one is another.
        late += 1;
        continue;
      }
      const what = await look(project, before, added, struck.gone).catch((thrown: Error) => thrown.message);
      if (what !== null) {
        result.losses.push({ trial, what });
        onLine(`trial ${trial}: ${what}`);
      } else if (countOnDisk(project) === before) {
        result.none += 1;
        await atelier(command, ['import', project, source], environment);
        const again = countOnDisk(project) - before;
        if (again !== added) result.losses.push({ trial, what: `imported again, ${again} images came` });
      } else result.all += 1;
      if (struck.saving) result.saving += 1;
      result.trials = trial;
      if (trial % 25 === 0) onLine(`${trial} kills, ${result.losses.length} lost`);
      trial += 1;
    }
  });
}

/** What is wrong with a project whose studio was killed; null where nothing is. @param gone settled when its worker is */
async function look(
  project: string,
  before: number,
  added: number,
  gone: Promise<void>,
): Promise<string | null> {
  const opened = await OpenProject.open(project, 'torture');
  try {
    const { counts, sources } = opened.summary();
    const shown = counts.total;
    await gone;
    const stored = countOnDisk(project);
    if (shown !== before && shown !== before + added)
      return `${shown - before} of ${added} images were shown`;
    if (stored !== shown) return `${shown} images were shown while the disk held ${stored}`;
    const told = sources.reduce((sum, { items }) => sum + items, 0);
    return told === shown ? null : `the sources told of ${told} images of ${shown}`;
  } finally {
    await opened.close();
  }
}

function countOnDisk(project: string): number {
  const database = openForReading(join(project, databaseName));
  try {
    return row<{ count: number }>(database, 'SELECT count(*) AS count FROM items')!.count;
  } finally {
    database.close();
  }
}

/** At so many seconds from the start, or from when the first images were saved. */
interface Blow {
  from: 'start' | 'saving';
  seconds: number;
}

interface Course {
  seconds: number;
  /** From the first that is known to be saved to the end. */
  savingSeconds: number;
}

function blowAt(uniform: RandomStream, { seconds, savingSeconds }: Course): Blow {
  const [kind, when] = [uniform(), uniform()];
  return kind < 1 / 2
    ? { from: 'start', seconds: when * seconds }
    : { from: 'saving', seconds: when * savingSeconds };
}

/** Runs a command with --json; SIGKILL to its own process, not to its workers. */
async function strike(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  blow: Blow | null,
): Promise<Course & { killed: boolean; saving: boolean; gone: Promise<void> }> {
  const [program, ...rest] = words as [string, ...string[]];
  const begun = performance.now();
  const child = spawn(program, [...rest, '--json'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  let saved: number | null = null;
  let last = '';
  const kill = () => child.kill('SIGKILL');
  let timer = blow?.from === 'start' ? setTimeout(kill, blow.seconds * 1000) : undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    if (saved !== null || !line.includes('"images saved"')) return;
    saved = performance.now();
    if (blow?.from === 'saving') timer = setTimeout(kill, blow.seconds * 1000);
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  const now = performance.now();
  const killed = signal === 'SIGKILL';
  if (!killed && code !== 0) throw new Error(`${words.join(' ')} ended with ${signal ?? code}: ${last}`);
  return {
    seconds: (now - begun) / 1000,
    savingSeconds: (now - (saved ?? now)) / 1000,
    killed,
    saving: saved !== null,
    gone: groupEnds(child.pid!),
  };
}

/** When the last process of a group is gone. */
async function groupEnds(group: number): Promise<void> {
  for (;;) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await pause(5);
  }
}

/** IDX files of so many random images in ten classes, and a tenth of that for the test part. */
async function writeSource(folder: string, images: number, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, name] of ['train', 't10k'].entries()) {
    const count = index === 0 ? images : Math.ceil(images / 10);
    const uniform = generator(seed, index + 1);
    const pixels = Buffer.from(
      Array.from({ length: count * side * side }, () => Math.floor(uniform() * 256)),
    );
    const labels = Buffer.from(Array.from({ length: count }, (_, at) => at % 10));
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), idxFile(0x803, [count, side, side], pixels));
    await writeFile(join(folder, `${name}-labels-idx1-ubyte`), idxFile(0x801, [count], labels));
  }
}
