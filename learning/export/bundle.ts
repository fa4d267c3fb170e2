/**
 * The bundle: one zip with all that somebody needs to run a trained model, to check it and to judge it. Writing it is
 * export-run.ts, reading one read-bundle.ts.
 */
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- rooms above compile this file without it
/// <reference path="./raw.d.ts" />
import { AnswerLimits } from '#contract/answer-rule.ts';
import type { Parity } from '#contract/exporters.ts';
import { backboneLicence } from '#learning/backbones/backbones.ts';
import { digest, modelMetadata, tensorsOf } from '#learning/model/model-file.ts';
import { countParameters, type Plan } from '#recipe/plan.ts';
import { encodePng } from '#learning/files/png.ts';
import { encodeSafetensors } from '#learning/files/safetensors.ts';
import type { ExportInput } from './export-input.ts';
import type { Exporter } from './exporter.ts';
import { type Content, modelCard } from './card.ts';
import { confusionCsv } from '#contract/csv.ts';
import { digestsOf, manifestFile } from './manifest.ts';
import { provenModel } from './proven-model.ts';
import predictJs from './samples/predict.js?raw';
import predictPy from './samples/predict.py?raw';
import { readBundle } from './read-bundle.ts';
import { type NamedFile, zip } from '#learning/files/zip.ts';

/** How many golden images are put in as PNGs. */
const sampleCount = 10;

export const bundle: Exporter = {
  async make(input) {
    const { plan, model, parity } = await provenModel(input);
    const contents = contentsOf(input, plan, model, parity);
    const card = modelCard(input, countParameters(plan.weights), parity, contents);
    const files = [text('README.md', card), ...contents.flatMap(({ files }) => files)];
    const digests = digestsOf(files);
    const { version, projectName: project, runId: id, runName: name } = input.meta;
    const { rule } = input;
    const answerRule = rule && AnswerLimits.parse(rule);
    const manifest = manifestFile(
      { version, project, run: { id, name }, ...(answerRule ? { answerRule } : {}) },
      digests,
    );
    return {
      content: zip([...files, manifest]),
      files: [...digests, ...digestsOf([manifest])],
      parity,
    };
  },
  check: async (path) => void (await readBundle(path)),
};

/** What is in a bundle beside its card and manifest, in the order of the zip. */
function contentsOf(input: ExportInput, plan: Plan, model: Uint8Array, parity: Parity): Content[] {
  const { classes, evaluation, recipe } = input;
  const licence = recipe.model.backbone && backboneLicence(recipe.model.backbone);
  return [
    { about: 'the model, ONNX opset 17', files: [{ name: 'model.onnx', bytes: model }] },
    {
      about:
        "the same weights under the recipe's names, convolution kernels as height, width, inputs, outputs",
      files: [{ name: 'weights.safetensors', bytes: encodeWeights(input, plan) }],
    },
    { about: 'names of the classes, in the order of the outputs', files: [json('labels.json', classes)] },
    { about: 'how it was trained; Atelier trains it again from this', files: [json('recipe.json', recipe)] },
    {
      about: "the licence of the backbone's weights",
      files: licence ? [text('LICENSE-backbone.txt', licence)] : [],
    },
    {
      about: 'how good it is, in full',
      files:
        evaluation === null
          ? []
          : [
              json('evaluation.json', evaluation),
              text('confusion.csv', confusionCsv(classes, evaluation.confusion)),
            ],
    },
    {
      about: 'how closely the predictions of `model.onnx` match the studio’s',
      files: [json('parity.json', parity)],
    },
    {
      about: 'images as the network sees them, and the probabilities to expect',
      files: goldenFiles(input),
    },
    {
      about: 'examples that classify image files',
      files: [text('predict.py', predictPy), text('predict.js', predictJs)],
    },
  ].filter(({ files }) => files.length > 0);
}

const text = (name: string, content: string): NamedFile => ({
  name,
  bytes: new TextEncoder().encode(content),
});
const json = (name: string, value: unknown) => text(name, `${JSON.stringify(value, null, 2)}\n`);

/** As model-file.ts keeps it in a run's folder, and the class names with it: it can be trained on from here. */
function encodeWeights(
  { recipe, classes, normalisation, weights, meta }: ExportInput,
  plan: Plan,
): Uint8Array {
  const tensors = new Map(tensorsOf(plan, weights));
  const model = { recipe, classCount: classes.length, normalisation, epoch: meta.bestEpoch };
  const metadata = { ...modelMetadata(model), classes: JSON.stringify(classes) };
  return encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) });
}

/** A few golden images, of as many classes as there are, each with its label and the studio's answer. */
function goldenFiles(input: ExportInput): NamedFile[] {
  const { classes, goldenPixels, goldenProbabilities, rule } = input;
  const labels = Array.from(input.goldenLabels);
  const { height, width, channels } = input.recipe.preprocessing;
  const size = height * width * channels;
  const firsts = labels.map((_, index) => index).filter((index) => labels.indexOf(labels[index]!) === index);
  const others = labels.map((_, index) => index).filter((index) => !firsts.includes(index));
  const chosen = [...firsts, ...others].slice(0, sampleCount);
  const expected = chosen.map((index, position) => ({
    file: `${position}.png`,
    label: classes[labels[index]!]!,
    probabilities: [...goldenProbabilities.subarray(index * classes.length, (index + 1) * classes.length)],
    ...(rule ? { verdict: rule.golden.verdicts[index]!, novelty: rule.golden.novelty[index]! } : {}),
  }));
  return [
    ...chosen.map((index, position) => ({
      name: `golden/${position}.png`,
      bytes: encodePng(goldenPixels.subarray(index * size, (index + 1) * size), width, height, channels),
    })),
    json('golden/expected.json', expected),
  ];
}
