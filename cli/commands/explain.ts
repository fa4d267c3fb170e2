/** `atelier explain`: where a run sees the evidence of a class in images, as heat over each, and the training images that are most like it. */
import { didYouMean } from '#contract/nearest.ts';
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ImageChoice } from '#contract/commands/training.ts';
import {
  type Explanation,
  ExplanationMethod,
  explanationMethods,
  explanationMethodWords,
  mostNearest,
  type NearestTraining,
} from '#contract/explanation.ts';
import { followJob } from '#contract/follow.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Studio } from '#engine/studio.ts';
import { chooseItem, chooseRun, runOption } from '../choose.ts';
import { type Command, text, wholeNumber } from '../command.ts';
import { bytesAt, forceOption, type NamedBytes, outFolder, writeFiles } from '../files.ts';
import { count, jobProgress, type Output, percent, usage } from '../output.ts';
import { withProject } from '../session.ts';

const mostImages = 100;

interface Asked {
  runId: string;
  method: ExplanationMethod;
  className: string | undefined;
  neighbours: number;
}

export const explainCommand: Command = {
  name: 'explain',
  words: 'PROJECT IMAGE…',
  about:
    'say why a run answers as it does: heat over images where the evidence of a class lies; IMAGE is a file, or an id or name in the project',
  needsEngine: true,
  options: {
    run: runOption,
    class: {
      type: 'string',
      value: 'NAME',
      about: 'the class that is explained (the predicted one if absent)',
    },
    method: {
      type: 'string',
      value: explanationMethods.join('|'),
      about: 'how (grad-cam if absent)',
      choices: explanationMethods.map((method) => [method, explanationMethodWords[method].about] as const),
    },
    nearest: {
      type: 'string',
      value: 'N',
      about: 'also name the N training images that are most like each to the run (looks at all of them once)',
    },
    out: { ...outFolder, about: 'write each image with the heat over it as PNG; made if absent' },
    force: forceOption,
  },
  least: 2,
  most: 1 + mostImages,
  run: ({ words: [given = '', ...images], values, output }) => {
    const method = methodOf(text(values.method));
    const neighbours = wholeNumber('nearest', values.nearest, 1, mostNearest) ?? 0;
    const out = text(values.out);
    return withProject(given, async ({ studio, client }) => {
      const { id: runId, name: runName } = await chooseRun(client, text(values.run));
      if (neighbours > 0)
        await followJob(
          client,
          () => client.explanations.startNearest({ runId }),
          jobProgress(
            output,
            ({ kind }) => kind === 'nearest',
            'Looking at training images',
            'nearest.progress',
          ),
        );
      const asked: Asked = { runId, method, className: text(values.class), neighbours };
      const files: NamedBytes[] = [];
      for (const [index, image] of images.entries())
        files.push(...(await explainOne(studio, client, asked, image, index, out !== undefined, output)));
      if (out !== undefined) {
        await writeFiles(resolve(out), files, values);
        output.line(`${count(files.length)} files in ${resolve(out)}`);
        for (const { name } of files) output.line(`  ${name}`);
      }
      output.event('explain.finished', {
        ...{ run: runId, runName, method, images: images.length },
        folder: out === undefined ? null : resolve(out),
        files: files.map(({ name }) => name),
      });
    });
  },
};

/** @throws USAGE */
function methodOf(given: string | undefined): ExplanationMethod {
  const method = ExplanationMethod.safeParse(given ?? 'grad-cam').data;
  if (method) return method;
  throw usage(
    `Expected --method ${explanationMethods.join('|')}, received ${JSON.stringify(given)}.${didYouMean(given!, explanationMethods)}`,
  );
}

async function explainOne(
  studio: Studio,
  client: StudioClient,
  { runId, method, className, neighbours }: Asked,
  given: string,
  index: number,
  drawn: boolean,
  output: Output,
): Promise<NamedBytes[]> {
  const image: ImageChoice = existsSync(given)
    ? { kind: 'path', path: resolve(given) }
    : { kind: 'item', itemId: (await chooseItem(client, given)).id };
  const asked = { runId, image, method };
  let found = await client.explanations.explain(asked);
  if (className !== undefined) {
    const target = targetOf(found, className);
    if (target !== found.target) found = await client.explanations.explain({ ...asked, target });
  }
  const near =
    neighbours === 0 ? null : await client.explanations.nearest({ runId, image, count: neighbours });
  const { heat, overlay } = found;
  const name = `${String(index + 1).padStart(2, '0')}-${wordsOf(basename(given))}-${wordsOf(found.classes[found.target]!.name)}-${method}.png`;
  tell(given, found, near, output);
  output.event('explanation', {
    ...{ image: given, run: runId, method, ...shares(found) },
    ...{
      heat,
      reason: found.reason,
      layer: found.layer,
      patch: found.patch,
      milliseconds: found.milliseconds,
    },
    nearest:
      near &&
      near.nearest.map(({ item, similarity }) => ({
        ...{ id: item.id, name: item.name, classId: item.classId, similarity },
      })),
    file: drawn && overlay !== null ? name : null,
  });
  return drawn && overlay !== null ? [{ name, bytes: await bytesAt(studio, overlay) }] : [];
}

/** @throws USAGE */
function targetOf({ classes }: Explanation, className: string): number {
  const names = classes.map(({ name }) => name);
  const at = names.indexOf(className);
  if (at >= 0) return at;
  throw usage(
    `Expected --class to be a class of the run, received ${JSON.stringify(className)}. It has: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}.${didYouMean(className, names)}`,
  );
}

const shares = ({ classes, probabilities, predicted, target }: Explanation) => ({
  predicted: classes[predicted]!.name,
  class: classes[target]!.name,
  probability: probabilities[target]!,
  probabilities: Object.fromEntries(classes.map(({ name }, at) => [name, probabilities[at]!])),
});

function tell(image: string, found: Explanation, near: NearestTraining | null, output: Output): void {
  const { predicted, class: explained, probability } = shares(found);
  output.line(
    `${image}: ${explained} ${percent(probability)}${explained === predicted ? '' : ` (predicted ${predicted})`}`,
  );
  for (const line of heatLines(found)) output.line(`  ${line}`);
  if (!near) return;
  output.line(`  Most like it of ${count(near.images)} training images:`);
  for (const { item, similarity } of near.nearest) output.line(`    ${similarity.toFixed(3)}  ${item.name}`);
}

/** Where the heat is greatest, in parts of the image as the network saw it. */
function heatLines({ heat, reason, method, layer, patch }: Explanation): string[] {
  if (!heat) return [reason ?? ''];
  const { height, width, values } = heat;
  const most = values.reduce((best, value, at) => (value > values[best]! ? at : best), 0);
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const of =
    method === 'grad-cam'
      ? `of the map of ${layer}`
      : `with a patch of ${patch!.width}×${patch!.height} pixels`;
  if (values[most]! <= 0) return [`Nothing speaks for the class, ${of} (${width}×${height}).`];
  const [across, down] = [((most % width) + 0.5) / width, (Math.floor(most / width) + 0.5) / height];
  const per = (share: number) => `${Math.round(100 * share)} %`;
  const place = `${per(across)} from the left and ${per(down)} from the top`;
  return method === 'grad-cam'
    ? [`Most evidence ${place}, ${of} (${width}×${height}).`]
    : [
        `Covered ${place}, it falls by ${percent(values[most]!)} ${of}${least < 0 ? `; elsewhere it rises by up to ${percent(-least)}` : ''}.`,
      ];
}

const wordsOf = (name: string) =>
  name
    .replace(/\.[^./]*$/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(-60);
