/** `atelier replay`: trains a run once more from what was kept of it, and says whether the figures are equal. */
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import type { Replay } from '#contract/replay.ts';
import type { EngineInfo } from '#contract/run.ts';
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count, jobProgress, percent, table } from '../output.ts';
import { withProject } from '../session.ts';

export const replayCommand: Command = {
  name: 'replay',
  words: 'PROJECT',
  about: 'train a run once more from what was kept of it, and say whether the figures are equal',
  needsEngine: true,
  options: { run: runOption },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) =>
    withProject(given, async ({ client }) => {
      const { id: runId, name } = await chooseRun(client, text(values.run));
      await followJob(
        client,
        () => client.runs.replay({ runId }),
        jobProgress(output, ({ kind }) => kind === 'replay', 'Replaying', 'replay.progress'),
      );
      const replay = await client.runs.replayed({ runId });
      if (!replay) throw new AtelierError('INTERNAL', `The replay of ${runId} finished but is not there.`);
      output.lines(describe(replay, name));
      output.event('replay.finished', { replay });
      return replay.equal ? 0 : 1;
    }),
};

const engineWords = (engine: EngineInfo | null) =>
  engine
    ? `${engine.kind} ${engine.version} on ${engine.device}, ${engine.threads} threads, ${engine.precision}`
    : 'not recorded';

function describe(replay: Replay, name: string): string[] {
  const { engine, firstDifference: difference, bestEpoch, weights, validationAccuracy } = replay;
  const figure = (value: number | null) => (value === null ? '–' : String(value));
  return [
    replay.equal
      ? `${name}, trained once more on its ${count(replay.images)} images: equal to the last bit, all figures of ${count(replay.epochs)} epochs and the weights.`
      : `${name}, trained once more on its ${count(replay.images)} images: not equal.`,
    ...table([
      ['', 'then', 'now'],
      ['engine', engineWords(engine.before), engineWords(engine.after)],
      ['best epoch', String(bestEpoch.before), String(bestEpoch.after)],
      ['validation accuracy', percent(validationAccuracy.before), percent(validationAccuracy.after)],
      ['weights (SHA-256)', weights.before.slice(0, 16), weights.after.slice(0, 16)],
      ...(difference
        ? [
            [
              `first difference: ${difference.key}, epoch ${difference.epoch}`,
              figure(difference.before),
              figure(difference.after),
            ],
          ]
        : []),
    ]),
    ...(replay.sameEngine || replay.equal
      ? []
      : ['The engine is another one: equal figures cannot be expected of it, only figures that are close.']),
  ];
}
