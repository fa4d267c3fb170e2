/** `atelier studies`: the cross-validations, searches and learning curves of a project, and showing, renaming and deleting one of them. */
import type { Study } from '#contract/study.ts';
import { chooseStudy } from '../choose.ts';
import { longestName } from '../command.ts';
import { tellEstimates } from '../estimates.ts';
import { tellLearningCurve } from '../learning-curve-lines.ts';
import { type Subcommand, commandWithSubcommands, tellDamaged } from '../subcommands.ts';
import { percent, table } from '../output.ts';
import { writeTrials } from '../study.ts';

const subcommands: Record<string, Subcommand<Study>> = {
  rename: {
    words: 'rename STUDY NAME',
    takes: 2,
    text: ['NAME', 1, longestName],
    async do(client, { id: studyId, name: before }, name, output) {
      const study = await client.studies.rename({ studyId, name });
      output.line(`${studyId} is called ${study.name} now, no longer ${before}.`);
      output.event('study.renamed', { study: studyId, name: study.name });
    },
  },
  delete: {
    words: 'delete STUDY',
    takes: 1,
    async do(client, { id: studyId, name, trials }, _, output) {
      await client.studies.delete({ studyId });
      output.line(`Deleted ${studyId} (${name}) with its runs: ${trials.length}.`);
      output.event('study.deleted', { study: studyId, name });
    },
    async toDamaged(client, studyId, output) {
      await client.studies.delete({ studyId });
      output.line(`Deleted ${studyId}, which could not be read, with its runs.`);
      output.event('study.deleted', { study: studyId, name: null });
    },
  },
  show: {
    words: 'show STUDY',
    takes: 1,
    async do(client, study, _, output) {
      const damaged = await client.runs.damaged({ studyId: study.id });
      output.line(`${study.id}  ${study.name}: ${study.plan.kind}, ${study.state}`);
      if (study.error) output.line(`${study.error.message} (${study.error.code})`);
      output.line();
      writeTrials(study, output);
      await tellEstimates(client, study, output);
      await tellLearningCurve(client, study, output);
      tellDamaged(damaged, output);
      output.event('study', { study, damaged });
    },
  },
};

export const studiesCommand = commandWithSubcommands({
  name: 'studies',
  about:
    'list the cross-validations, searches and learning curves, or rename, delete or show one; its runs go with it',
  noun: 'STUDY',
  subcommands,
  choose: chooseStudy,
  async list(client, output) {
    const [studies, damaged] = await Promise.all([client.studies.list(), client.studies.damaged()]);
    output.lines(describe(studies));
    tellDamaged(damaged, output);
    output.event('studies', { studies: studies.map(inShort), damaged });
  },
});

const finishedOf = ({ trials }: Study) => trials.filter(({ state }) => state === 'finished').length;

/** Without the trials, which make lines long; `studies PROJECT show STUDY` tells them. */
function inShort({ trials, ...study }: Study) {
  return { ...study, trials: trials.length, finished: finishedOf({ ...study, trials }) };
}

/** One line a study, under a head. */
function describe(studies: readonly Study[]): string[] {
  if (studies.length === 0)
    return ['There is no study yet. Begin one: atelier cross-validate PROJECT, or atelier search PROJECT.'];
  const rows = studies.map((study) => {
    const best = study.trials.find(({ number }) => number === study.bestTrial)?.score ?? null;
    const score = study.plan.kind !== 'cross-validation' ? best : (study.summary?.mean ?? null);
    return [
      `${study.id}  ${study.name}`,
      study.plan.kind,
      study.state,
      `${finishedOf(study)}/${study.trialsInAll}`,
      score === null ? '–' : percent(score),
      study.createdAt.slice(0, 16).replace('T', ' '),
    ];
  });
  return table([['study', 'kind', 'state', 'trials', 'val. acc.', 'begun (UTC)'], ...rows]);
}
