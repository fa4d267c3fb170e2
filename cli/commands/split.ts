/** `atelier split`: how many images train, validate and test, what leaks between them, and drawing the parts anew. */
import { followJob } from '#contract/follow.ts';
import { partWarnings } from '#contract/part-warnings.ts';
import type { Project } from '#contract/project.ts';
import type { StudioClient } from '#contract/rpc.ts';
import {
  earlierUseWords,
  GroupBy,
  leakWarnings,
  type PartLeaks,
  type SplitDraw,
  type SplitReport,
  type SplitState,
  timesInformed,
} from '#contract/splits.ts';
import { type Command, text, type Values, wholeNumber } from '../command.ts';
import { askedGroups, findGroups, groupByOption, tellGroups } from '../group-by.ts';
import { count, jobProgress, type Output, usage } from '../output.ts';
import { withProject } from '../session.ts';

/** Pairs that --check prints. */
const pairsTold = 10;

export const splitCommand: Command = {
  name: 'split',
  words: 'PROJECT',
  about:
    'say how many images train, validate and test, and what leaks; with --test, --validation, --seed or --group-by draw them anew, groups of images that belong together on one side',
  needsEngine: true,
  options: {
    test: {
      type: 'string',
      value: 'SHARE',
      about: 'of all images, as 0.2 or 20 (per cent); the test part stays as it is if absent',
    },
    validation: {
      type: 'string',
      value: 'SHARE',
      about: 'of what is not test data, as 0.2 or 20 (the earlier share if absent)',
    },
    seed: { type: 'string', value: 'N', about: 'of the draw (the earlier one if absent)' },
    'group-by': groupByOption,
    fixed: {
      type: 'boolean',
      about: 'also draw images whose part the source says; they stay where they are otherwise',
    },
    check: {
      type: 'boolean',
      about: 'find images that belong together, say which the parts divide, draw nothing',
    },
    'dry-run': { type: 'boolean', about: 'say what the draw would come to, and stop' },
    'fresh-test': {
      type: 'boolean',
      about: 'with --test: of images that are in no test part now, sealed until a run is evaluated on it',
    },
    'accept-new-test': {
      type: 'boolean',
      about:
        'say yes to a new test part though runs were evaluated on this one: figures are then not comparable',
    },
  },
  least: 1,
  most: 1,
  run({ words: [given = ''], values, output }) {
    const test = share('test', values, 0);
    const validation = share('validation', values, 0.01);
    const seed = wholeNumber('seed', values.seed, 0, 2 ** 31 - 1);
    const asked = askedGroups(values);
    const check = values.check === true;
    const changes = [test, validation, seed].some((each) => each !== undefined);
    const redraw = !check && (changes || asked !== undefined);
    if (check && changes)
      throw usage('Expected --check without --test, --validation and --seed: it draws nothing.');
    if (check && asked?.by === null)
      throw usage('Expected --check with images that belong together: leave out --group-by none.');
    for (const name of ['fixed', 'dry-run', 'fresh-test', 'accept-new-test'])
      if (values[name] === true && !redraw)
        throw usage(
          `Expected --${name} beside --test, --validation, --seed or --group-by: alone it draws nothing.`,
        );
    if (values['fresh-test'] === true && test === undefined)
      throw usage('Expected --test SHARE beside --fresh-test: it says how large the new part is.');
    return withProject(given, async ({ client, project }) => {
      if (check) {
        const known = (await client.splits.get()).groups?.by ?? GroupBy.parse({});
        return tellCheck(client, { by: asked?.by ?? known, table: asked?.table }, output);
      }
      if (!redraw) return tell(project, await client.splits.get(), output);
      const draw: SplitDraw = {
        validationShare: validation ?? project.validationShare,
        ...(test === undefined ? {} : { testShare: test }),
        seed: seed ?? project.splitSeed,
        fixed: values.fixed === true,
        ...(asked && { groupBy: asked.by, ...(asked.table && { table: asked.table }) }),
        ...(values['fresh-test'] === true && { fresh: true }),
        ...(values['accept-new-test'] === true && { acceptNewTest: true as const }),
        ...(values['dry-run'] === true && { dryRun: true as const }),
      };
      const { id: jobId } = await followJob(
        client,
        () => client.splits.draw(draw),
        jobProgress(output, ({ kind }) => kind === 'split', 'Drawing', 'split.progress'),
      );
      const report = await client.splits.report({ jobId });
      tellReport(report, draw.dryRun === true, output);
      if (!draw.dryRun) tell((await client.project.current())!, await client.splits.get(), output);
    });
  },
};

/** A share, or a whole number of per cent. @throws USAGE */
function share(name: string, values: Values, least: number): number | undefined {
  const given = text(values[name]);
  if (given === undefined) return undefined;
  const number = /^\d*\.?\d+$/.test(given) ? Number(given) : NaN;
  const found = /^\d*\.\d+$/.test(given) ? number : number / 100;
  if (found >= least && found <= 0.9) return found;
  throw usage(
    `Expected a share from ${least} to 0.9 for --${name}, or ${Math.round(100 * least)} to 90 per cent, received ${JSON.stringify(given)}.`,
  );
}

const percent = (part: number) => `${Math.round(part * 100)} %`;

function tell(project: Project, state: SplitState, output: Output): void {
  const { counts, classes, validationShare, testShare, splitSeed } = project;
  const { train, validation, test, fixed, unlabelled } = counts;
  output.line(`train       ${count(train)}`);
  output.line(
    `validation  ${count(validation)} (${percent(validationShare)} of what is not test data, seed ${splitSeed})`,
  );
  output.line(`test        ${count(test)}${testWords(state)}`);
  for (const { version, runs } of state.test.evaluated)
    output.line(
      `  evaluated on ${version === state.test.version ? 'it' : version === null ? 'a version not kept' : `version ${version}`}: ${runs.join(', ')}`,
    );
  if (unlabelled > 0) output.line(`unlabelled  ${count(unlabelled)} (in no part until they have a class)`);
  if (state.groups) tellGroups(state.groups, output);
  if (fixed > 0) output.line(`Of ${count(fixed)} images the source says the part; --fixed draws them too.`);
  for (const words of leakWarnings(state))
    output.note(`Note: ${words} Redraw the parts, with --test those of the test part.`);
  if (!state.groups)
    output.note(
      'Note: images that look alike were not looked for yet. See what the parts divide by --check, or keep it together by --group-by near-duplicates.',
    );
  const warnings = partWarnings(classes, unlabelled);
  for (const { text: words } of warnings) output.note(`Note: ${words}`);
  output.event('split', {
    ...{ train, validation, test, unlabelled, fixed, validationShare, testShare, seed: splitSeed, warnings },
    ...{ groups: state.groups, leaks: state.leaks, testPart: state.test },
  });
}

/** How often it was looked at. */
function testWords({ test }: SplitState): string {
  if (test.version === null) return '';
  const times = timesInformed(test);
  const earlier = earlierUseWords(test);
  const seen = test.sealed
    ? 'sealed: no run was evaluated on it'
    : times === 0
      ? `no run was evaluated on ${earlier ? 'this version' : 'it'} yet`
      : `${count(test.runs)} runs evaluated, ${count(test.comparisons)} comparisons${test.repairs > 0 ? `, repaired by ${count(test.repairs)} runs` : ''}: it may have informed ${count(times)} choices`;
  return ` (version ${test.version}, ${seen}${earlier ? `; ${earlier}` : ''})`;
}

const leakWords = ({ validation, test }: PartLeaks) =>
  `${count(validation.leaked)} of ${count(validation.images)} validation images and ${count(test.leaked)} of ${count(test.images)} test images belong to a group that trains`;

function tellReport(report: SplitReport, dryRun: boolean, output: Output): void {
  const { groups, moved, leaks, randomLeaks, separated, unbalanced, classes } = report;
  output.line(`${dryRun ? 'Would move' : 'Moved'} ${count(moved)} images to another part.`);
  if (groups) {
    output.line(`With this draw ${leakWords(leaks)}.`);
    output.line(
      `At random ${leakWords(randomLeaks)}, and ${count(separated.count)} pairs of look-alikes are parted.`,
    );
  }
  for (const words of unbalanced) output.note(`Note: ${words}`);
  if (dryRun)
    for (const { name, train, validation, test } of classes)
      output.line(`${name}: ${count(train)} train, ${count(validation)} validation, ${count(test)} test`);
  output.event('split.report', { ...report, dryRun });
}

async function tellCheck(
  client: StudioClient,
  request: Parameters<typeof findGroups>[1],
  output: Output,
): Promise<void> {
  const groups = await findGroups(client, request, output);
  const [{ leaks, test }, separated] = [
    await client.splits.get(),
    await client.splits.separated({ most: pairsTold }),
  ];
  tellGroups(groups, output);
  output.line(`Of the present parts, ${leakWords(leaks!)}.`);
  const names = new Map<number, string>();
  for (const { a, b } of separated!.pairs)
    for (const itemId of [a, b]) names.set(itemId, (await client.items.get({ itemId })).name);
  output.line(`${count(separated!.count)} pairs of look-alikes are in two parts.`);
  for (const { a, b, reason, similarity } of separated!.pairs)
    output.line(`  ${names.get(a)} – ${names.get(b)} (${reason}, ${similarity.toFixed(2)})`);
  output.event('split.check', { groups, leaks, separated, testPart: test });
}
