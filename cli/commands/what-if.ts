/** `atelier what-if`: what merging or dropping classes would come to, of the predictions that are kept. */
import { didYouMean } from '#contract/nearest.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { type WhatIf, whatIfCaution, type WhatIfFigures } from '#contract/what-if.ts';
import { AtelierError } from '#contract/errors.ts';
import { pointsText } from '#recipe/metrics/format.ts';
import { chooseRun, chooseSplit, runOption, splitOption } from '../choose.ts';
import { type Command, text, texts } from '../command.ts';
import { count, percent, table, usage } from '../output.ts';
import { withProject } from '../session.ts';

export const whatIfCommand: Command = {
  name: 'what-if',
  words: 'PROJECT',
  about:
    'what merging or dropping classes would come to, of the predictions that are there; without either, which pairs to merge',
  needsEngine: false,
  options: {
    run: runOption,
    split: splitOption,
    merge: {
      type: 'string',
      multiple: true,
      value: 'A+B',
      about: 'classes that become one; may be given again for others',
    },
    drop: {
      type: 'string',
      multiple: true,
      value: 'CLASS',
      about: 'a class whose images are left out; may be given again',
    },
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) => {
    const split = chooseSplit(values.split);
    return withProject(given, async ({ client }) => {
      const { id: runId, name } = await chooseRun(client, text(values.run));
      const { before } = await read(client, { runId, split });
      const idOf = new Map(before.classes.map((one) => [one.name, one.classIds[0]!]));
      const change = {
        merge: texts(values.merge).map((words) => mergedIds(words, idOf)),
        drop: texts(values.drop).map((words) => classId(words, idOf)),
      };
      const found = await read(client, { runId, split, change });
      output.lines(describe(found, `${name} on ${split}`));
      output.event('what-if', { ...found });
    });
  },
};

async function read(
  client: StudioClient,
  asked: Parameters<StudioClient['improvements']['whatIf']>[0],
): Promise<WhatIf> {
  const found = await client.improvements.whatIf(asked);
  if (found) return found;
  throw new AtelierError(
    'NOT_FOUND',
    `Expected an evaluation of ${asked.runId} on the ${asked.split} part, but there is none. Evaluate it: atelier evaluate PROJECT --run ${asked.runId} --split ${asked.split}.`,
    { runId: asked.runId, split: asked.split },
  );
}

/** @throws USAGE */
function classId(name: string, idOf: ReadonlyMap<string, number>): number {
  const id = idOf.get(name);
  if (id !== undefined) return id;
  throw usage(
    `Expected a class that the run predicts, received ${JSON.stringify(name)}.${didYouMean(name, [...idOf.keys()])}`,
  );
}

/** "A+B": a class may have a + in its name, so that the longest name that fits is taken each time. @throws USAGE */
function mergedIds(words: string, idOf: ReadonlyMap<string, number>): number[] {
  const pieces = words.split('+');
  const ids: number[] = [];
  for (let from = 0; from < pieces.length;) {
    let to = pieces.length;
    while (to > from + 1 && !idOf.has(pieces.slice(from, to).join('+'))) to -= 1;
    ids.push(classId(pieces.slice(from, to).join('+'), idOf));
    from = to;
  }
  if (ids.length > 1) return ids;
  throw usage(`Expected two classes or more for --merge, such as A+B, received ${JSON.stringify(words)}.`);
}

function describe({ before, after, suggestions }: WhatIf, title: string): string[] {
  return [
    `${title}: accuracy ${accuracyText(before)}, macro F1 ${percent(before.macroF1)}`,
    ...(after ? changed(before, after) : []),
    '',
    ...(suggestions.length === 0
      ? ['No two classes gain by being merged.']
      : [
          'Pairs that gain most by being merged',
          ...table([
            ['pair', 'points', '95 % interval', 'right', 'wrong'],
            ...suggestions.map(({ names, gain, interval, fixed, broken }) => [
              names.join(' + '),
              pointsText(gain),
              `${pointsText(interval.low)} to ${pointsText(interval.high)}`,
              `+${count(fixed)}`,
              `+${count(broken)}`,
            ]),
          ]),
        ]),
    '',
    whatIfCaution,
  ];
}

function changed(before: WhatIfFigures, after: WhatIfFigures): string[] {
  const rows = after.classes.map(({ name, support, precision, recall, f1, classIds }) => {
    const own = before.classes.filter((one) => classIds.includes(one.classIds[0]!));
    const share = (value: number | null) => (value === null ? '–' : percent(value));
    return [
      name,
      count(support),
      share(precision),
      share(recall),
      own.map((one) => share(one.f1)).join(', '),
      share(f1),
    ];
  });
  return [
    `After the change: accuracy ${accuracyText(after)}, macro F1 ${percent(after.macroF1)}`,
    '',
    ...table([['class', 'images', 'precision', 'recall', 'F1 before', 'F1'], ...rows]),
  ];
}

const accuracyText = ({ accuracy, interval, correct, count: images }: WhatIfFigures): string =>
  `${percent(accuracy)} (${percent(interval.low)} to ${percent(interval.high)}; ${count(correct)} of ${count(images)})`;
