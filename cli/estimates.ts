/** The leak-proof estimate of a cross-validation beside the naive one, and what its folds divide. */
import type { StudioClient } from '#contract/rpc.ts';
import { counterpartOf, isLeakProof, type Study } from '#contract/study.ts';
import { valueText } from '#recipe/metrics/format.ts';
import { objective } from '#recipe/metrics/index.ts';
import { count, type Output } from './output.ts';

/** Pairs that are named. */
const pairsTold = 5;

/** Nothing of a search, or where there are no folds. */
export async function tellEstimates(client: StudioClient, study: Study, output: Output): Promise<void> {
  const { plan } = study;
  if (plan.kind !== 'cross-validation' || plan.folds === null || !study.summary) return;
  const other = counterpartOf(study, await client.studies.list());
  const lines = other ? [study, other].sort((a, b) => Number(isLeakProof(b)) - Number(isLeakProof(a))) : [];
  if (lines.length > 0) output.line();
  for (const one of lines) output.line(estimateLine(one));
  const separated = await client.splits.separated({ studyId: study.id, most: pairsTold });
  if (separated && !isLeakProof(study)) {
    output.line(
      `Of ${count(separated.images)} images, ${count(separated.leaked)} have a look-alike in another fold (${count(separated.count)} pairs).`,
    );
    for (const { a, b, reason, similarity } of separated.pairs) {
      const [first, second] = [await client.items.get({ itemId: a }), await client.items.get({ itemId: b })];
      output.line(`  ${first.name} – ${second.name} (${reason}, ${similarity.toFixed(2)})`);
    }
  }
  output.event('study.estimates', {
    study: study.id,
    leakProof: isLeakProof(study),
    counterpart: other && { study: other.id, name: other.name, summary: other.summary },
    separated,
  });
}

function estimateLine(study: Study): string {
  const { mean, interval } = study.summary!;
  const range = interval
    ? `  (95 % interval ${valueText(objective, interval.low)} to ${valueText(objective, interval.high)})`
    : '';
  const name = isLeakProof(study) ? 'Leak-proof folds' : 'Random folds';
  return `${name.padEnd(17)} ${valueText(objective, mean)}${range}  ${study.id}`;
}
