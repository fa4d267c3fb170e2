/** `atelier new` and `atelier import`: a project, and images for it. */
import { type ImportOptions, type ImportReport, requireImages, type SkippedGroup } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import { resolve } from 'node:path';
import type { SourceReference } from '#contract/commands/data.ts';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import { leakWarnings, unlookedWords } from '#contract/splits.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { groupSkipped } from '#engine/intake/skipped.ts';
import { type Command, type Interruption, text } from '../command.ts';
import { importOptions, planOptions, tellPlan } from '../import-plan.ts';
import { followInterruptibly, type Work } from '../interruptible.ts';
import { count, jobProgress, type Output, usage } from '../output.ts';
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
  source: SourceReference,
  options: ImportOptions,
  output: Output,
  signal: Interruption,
): Promise<ImportReport> {
  const work: Work<Job> = {
    follow: followJob,
    begin: () => client.sources.import({ source, options }),
    cancel: ({ id: jobId }) => client.jobs.cancel({ jobId }),
    stopsAfter: 'the files it is reading',
    stopped: () => new AtelierError('CANCELLED', `Stopped. Nothing of ${given} was imported.`),
    onEvent: jobProgress(output, ({ kind }) => kind === 'import', 'Importing', 'import.progress'),
  };
  const job = await followInterruptibly(client, work, output, signal);
  return client.sources.report({ jobId: job.id });
}

function tellReport(report: ImportReport, output: Output): void {
  const { imported, alreadyThere, changed, moved, skippedFiles, notices, warnings, seconds, source } = report;
  output.line(`Imported ${count(imported)} images in ${seconds.toFixed(1)} s.`);
  if (alreadyThere > 0) output.line(`${count(alreadyThere)} were imported before and left as they are.`);
  if (changed + moved > 0) {
    output.line(
      `Of those ${count(changed)} have other content now, and ${count(moved)} another name. To take that over: atelier sources PROJECT rescan ${source.id}`,
    );
  }
  for (const { text } of warnings) output.note(`Note: ${text}`);
  tellGroups(notices, output);
  if (skippedFiles.length === 0) return;
  output.line(`Skipped ${count(skippedFiles.length)} ${skippedFiles.length === 1 ? 'file' : 'files'}:`);
  tellGroups(groupSkipped(skippedFiles), output);
}

/** Whether look-alikes stay in one part: said only where somebody looked, and none is parted. */
async function tellParts(client: StudioClient, output: Output): Promise<void> {
  const [state, project] = await Promise.all([client.splits.get(), client.project.current()]);
  if (!project) return;
  const draw = project.testShare > 0 ? `--test ${Math.round(100 * project.testShare)}` : '--seed 1';
  const unlooked = unlookedWords(state, project.counts);
  const warnings = unlooked ? [unlooked] : leakWarnings(state);
  for (const words of warnings) output.note(`Note: ${words}`);
  if (warnings.length > 0)
    output.note(
      `Look with: atelier split PROJECT --check. Draw leak-proof parts with: atelier split PROJECT ${draw}`,
    );
  else if (state.groups && state.groups.groups > 0)
    output.line(
      `Look-alikes stay in one part: ${count(state.groups.groups)} groups of ${count(state.groups.images)} images.`,
    );
}

/** A line for each reason, with a few of its files. */
function tellGroups(groups: readonly SkippedGroup[], output: Output): void {
  for (const { reason, count: files, examples } of groups) {
    const named = examples.slice(0, 3).join(', ');
    const more = files > 3 ? ` and ${count(files - 3)} more` : '';
    output.line(`  ${count(files)} × ${reason} ${named}${more}`);
  }
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
      about:
        'a folder per class, a folder of images to label, an IDX folder, fashion-mnist or fashion-mnist-small',
    },
    ...planOptions,
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output, signal }) =>
    withStudio(async ({ client }) => {
      const from = text(values.from);
      const options = importOptions(values);
      if (from === undefined && (values['dry-run'] || Object.keys(options).length > 0))
        throw usage('Expected --from SOURCE: the other options say how it is imported.');
      const source = from === undefined ? null : sourceReference(from);
      // Before there is a project, so that a source that gives nothing leaves none behind.
      if (source) requireImages(await tellPlan(client, source, options, output));
      if (values['dry-run']) return;
      const created = await client.project.create({ path: newProjectPath(given) });
      output.event('project.created', { name: created.name, path: created.path });
      output.line(created.path);
      const report = source && (await importFirst(client, from!, source, options, output, signal));
      if (report) tellReport(report, output);
      if (report) await tellParts(client, output);
      const project = (await client.project.current()) ?? created;
      if (project.counts.unlabelled > 0)
        output.line(`To label them: atelier serve ${JSON.stringify(project.path)}`);
      output.event('project.ready', {
        name: project.name,
        path: project.path,
        counts: project.counts,
        classes: project.classes.map(({ name }) => name),
        classCounts: project.classes.map(({ name, counts: of }) => ({ name, ...of })),
        skippedFiles: report?.skippedFiles ?? [],
        warnings: report?.warnings ?? [],
        notices: report?.notices ?? [],
      });
    }),
};

export const importCommand: Command = {
  name: 'import',
  words: 'PROJECT SOURCE',
  about: 'add the images of a source to a project; originals are never touched',
  needsEngine: false,
  options: planOptions,
  least: 2,
  most: 2,
  run: ({ words: [given = '', from = ''], values, output, signal }) =>
    withStudio(async ({ client }) => {
      const source = sourceReference(from);
      const options = importOptions(values);
      const { path } = await openProject(client, given);
      requireImages(await tellPlan(client, source, options, output));
      if (values['dry-run']) return;
      const report = await importSource(client, from, source, options, output, signal);
      tellReport(report, output);
      await tellParts(client, output);
      output.event('import.finished', { path, ...report });
    }),
};
