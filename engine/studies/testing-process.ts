/**
 * For the kill test only: a studio that starts a study from a JSON file, or resumes the one named, and kills itself
 * at the first word of a trial by which the study stands as asked. It does so itself, since a test in another process
 * may read of a moment when the study has long ended. Arguments: the project's path, the file or the study's id and,
 * where it is to be killed, a regular expression over "STATE:EPOCHS" of all trials, one space between.
 */
import { readFileSync } from 'node:fs';
import { createRouterClient } from '@orpc/server';
import { followStudy } from '#contract/follow.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { createStudio } from '../studio.ts';

void (async () => {
  const [, , path, given, killAt] = process.argv as [string, string, string, string, string?];
  const asked = killAt === undefined ? null : new RegExp(killAt);
  const studio = createStudio({ desktop: true, allowedFolders: null, version: '0.0.0-test' });
  const client = createRouterClient(studio.router) as StudioClient;
  await client.project.open({ path });
  /** Asked anew, since a study tells of itself only a few times a second. */
  const killedWhere = async (standing: RegExp) => {
    const [newest] = await client.studies.list();
    const trials = newest!.trials.map(({ state, epochs }) => `${state}:${epochs}`);
    if (standing.test(trials.join(' '))) process.kill(process.pid, 'SIGKILL');
  };
  const study = await followStudy(
    client,
    () =>
      given.endsWith('.json')
        ? client.studies.start(JSON.parse(readFileSync(given, 'utf8')) as never)
        : client.studies.resume({ studyId: given }),
    (event) => {
      if (asked && event.event === 'run.changed') void killedWhere(asked);
    },
  ).catch((error: unknown) => ({ state: String(error) }));
  process.stdout.write(`end ${study.state}\n`);
  await studio.close();
})();
