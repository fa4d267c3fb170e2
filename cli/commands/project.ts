/** `atelier new` and `atelier import`: a project, and images for it. */
import type { ImportReport, Job } from '#contract/entities.ts';
import { resolve } from 'node:path';
import type { SourceReference } from '#contract/commands.ts';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { type Command, type Interruption, text } from '../command.ts';
import { followInterruptibly, type Work } from '../interruptible.ts';
import { count, duration, type Output } from '../output.ts';
import { openProject, withStudio } from '../session.ts';

const named = ['fashion-mnist', 'fashion-mnist-small'] as const;

/** A known data set's name, or else a path. */
function sourceReference(given: string): SourceReference {
  const name = named.find((known) => known === given);
  return name ? { kind: 'named', name } : { kind: 'path', path: resolve(given) };
}

async function importSource(
  client: StudioClient,
  given: string,
  output: Output,
  signal: Interruption,
): Promise<ImportReport> {
  const work: Work<Job> = {
    follow: followJob,
    begin: () => client.sources.import({ source: sourceReference(given) }),
    cancel: ({ id: jobId }) => client.jobs.cancel({ jobId }),
    stopsAfter: 'the files it is reading',
    stopped: () => new AtelierError('CANCELLED', `Stopped. Nothing of ${given} was imported.`),
    onEvent: (event) => {
      if (event.event !== 'job.changed' || event.job.kind !== 'import') return;
      const { done, total, unit, secondsLeft } = event.job.progress;
      output.event('import.progress', { done, total, unit, secondsLeft });
      const left = duration(secondsLeft);
      output.progress(
        `Importing ${count(done)}${total === null ? '' : ` of ${count(total)}`} ${unit}${left && `, ${left} left`}`,
      );
    },
  };
  const job = await followInterruptibly(client, work, output, signal);
  return client.sources.report({ jobId: job.id });
}

function tellReport(report: ImportReport, output: Output): void {
  const { imported, alreadyThere, changed, moved, setAside, seconds, source } = report;
  output.line(`Imported ${count(imported)} images in ${seconds.toFixed(1)} s.`);
  if (alreadyThere > 0) output.line(`${count(alreadyThere)} were imported before and left as they are.`);
  if (changed + moved > 0) {
    output.line(
      `Of those ${count(changed)} have other content now, and ${count(moved)} another name. To take that over: atelier sources PROJECT rescan ${source.id}`,
    );
  }
  if (setAside.length === 0) return;
  output.line(`Set aside ${count(setAside.length)} files that could not be taken:`);
  for (const { path, reason } of setAside.slice(0, 20)) output.line(`  ${path}: ${reason}`);
  if (setAside.length > 20) output.line(`  … and ${count(setAside.length - 20)} more; --json lists all.`);
}

/** Into a project that was just made: where nothing comes of it, the project goes too, and does not bar the next attempt. */
async function importFirst(...given: Parameters<typeof importSource>): Promise<ImportReport> {
  try {
    return await importSource(...given);
  } catch (thrown) {
    const [client] = given;
    // Where something came into it after all, it stays.
    await client.project.discard().catch(() => undefined);
    throw thrown;
  }
}

/** Where a project named `given` is made: with the suffix, once. */
export function newProjectPath(given: string): string {
  const path = resolve(given);
  return path.endsWith('.atelier') ? path : `${path}.atelier`;
}

export const newCommand: Command = {
  name: 'new',
  words: 'PROJECT',
  about: 'make a project, with --from also import its images',
  needsEngine: false,
  options: {
    from: {
      type: 'string',
      value: 'SOURCE',
      about: 'a folder per class, an IDX folder, fashion-mnist or fashion-mnist-small',
    },
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output, signal }) =>
    withStudio(async ({ client }) => {
      const created = await client.project.create({ path: newProjectPath(given) });
      output.event('project.created', { name: created.name, path: created.path });
      output.line(created.path);
      const from = text(values.from);
      const report = from === undefined ? null : await importFirst(client, from, output, signal);
      if (report) tellReport(report, output);
      const project = (await client.project.current()) ?? created;
      output.event('project.ready', {
        name: project.name,
        path: project.path,
        counts: project.counts,
        classes: project.classes.map(({ name }) => name),
        setAside: report?.setAside ?? [],
      });
    }),
};

export const importCommand: Command = {
  name: 'import',
  words: 'PROJECT SOURCE',
  about: 'add the images of a source to a project; originals are never touched',
  needsEngine: false,
  options: {},
  least: 2,
  most: 2,
  run: ({ words: [given = '', source = ''], output, signal }) =>
    withStudio(async ({ client }) => {
      const { path } = await openProject(client, given);
      const report = await importSource(client, source, output, signal);
      tellReport(report, output);
      output.event('import.finished', { path, ...report });
    }),
};
