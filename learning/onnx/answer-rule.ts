/** An answer rule as operators: the novelty of an image, and the verdict on it. What each means is contract/answer-rule.ts and learning/answers/novelty.ts. */
import { type AnswerLimits, verdicts } from '#contract/answer-rule.ts';
import type { NoveltyModel } from '#learning/answers/novelty.ts';
import * as op from './operators.ts';

/** Names of the outputs beside the probabilities. */
export const noveltyOutput = 'novelty';
export const verdictOutput = 'verdict';

export interface ExportedRule extends AnswerLimits {
  novelty: NoveltyModel;
}

/** @param features [batch, size] @returns [batch] */
export function writeNovelty(graph: op.GraphWriter, features: op.Value, model: NoveltyModel): op.Value {
  const { size, dimensions, projection, classes, whitening, shift, logDeterminants } = model;
  const width = classes * dimensions;
  const kept = projection
    ? op.Gemm(graph, 'novelty/projected', [
        features,
        graph.constant('novelty/axes', [size, dimensions], projection.axes),
        graph.constant('novelty/offset', [dimensions], projection.offset),
      ])
    : features;
  const whitened = op.Gemm(graph, 'novelty/whitened', [
    kept,
    graph.constant('novelty/whitening', [dimensions, width], whitening),
    graph.constant('novelty/shift', [width], shift),
  ]);
  const apart = op.Reshape(
    graph,
    'novelty/classes',
    whitened,
    graph.integers('novelty/shape', [0, classes, dimensions]),
  );
  const distances = op.ReduceSumSquare(graph, 'novelty/distances', apart, 2);
  const determinants = graph.constant('novelty/determinants', [classes], logDeterminants);
  return op.ReduceMin(graph, noveltyOutput, op.Add(graph, 'novelty/scores', distances, determinants), 1);
}

/** As `verdictOf`: unknown, else unsure, else an answer; what is not a number is no answer. @returns names of outputs, [batch] each */
export function writeVerdict(
  graph: op.GraphWriter,
  probabilities: op.Value,
  novelty: op.Value,
  { threshold, noveltyThreshold }: AnswerLimits,
): { novelty: op.Value; verdict: op.Value } {
  const number = (name: string, value: number) =>
    graph.constant(`verdict/${name}`, [1], Float32Array.of(value));
  const place = (verdict: (typeof verdicts)[number]) =>
    graph.integers(`verdict/${verdict}`, [verdicts.indexOf(verdict)]);
  const top = op.ReduceMax(graph, 'verdict/top', probabilities, 1);
  const sure = op.GreaterOrEqual(graph, 'verdict/sure', top, number('threshold', threshold));
  const known = op.LessOrEqual(
    graph,
    'verdict/known',
    novelty,
    number('novelty-threshold', noveltyThreshold),
  );
  const answered = op.Where(graph, 'verdict/answered', sure, place('answer'), place('unsure'));
  return { novelty, verdict: op.Where(graph, verdictOutput, known, answered, place('unknown')) };
}
