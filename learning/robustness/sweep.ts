/** What a corruption sweep comes to: accuracies beside that of the same images as they are, of which images were answered right. Pure. */
import { type CorruptionName, corruptionKinds, type Robustness, severities } from '#contract/robustness.ts';
import type { Augmentation } from '#recipe/augmentation.ts';
import { clopperPearsonInterval } from '#recipe/statistics/binomial.ts';
import { tangoInterval } from '#recipe/statistics/paired.ts';
import { bootstrap } from '../statistics/bootstrap.ts';
import { generator, shuffle } from '../random-numbers.ts';

/** Which of `all` images a sweep looks at: so many, drawn with the seed, ascending; all where there are no more. */
export function sampleOf(all: number, images: number, seed: number): Int32Array {
  const places = Int32Array.from({ length: all }, (_, at) => at);
  return all <= images ? places : shuffle(places, generator(seed, all)).slice(0, images).sort();
}

export interface Swept {
  corruption: CorruptionName;
  /** 1 for each image that was answered right, by severity. */
  right: Uint8Array[];
}

/** @param clean 1 for each image that was answered right as it is */
export function sweepResults(
  clean: Uint8Array,
  swept: readonly Swept[],
  augmentation: readonly Augmentation[],
): Pick<Robustness, 'clean' | 'mean' | 'corruptions'> {
  const count = clean.length;
  const accuracy = (right: number) => ({
    right,
    accuracy: right / count,
    interval: clopperPearsonInterval(right, count),
  });
  const has = new Set<string>(augmentation.map(({ kind }) => kind));
  return {
    clean: accuracy(sum(clean)),
    mean: meanOf(swept, count),
    corruptions: swept.map(({ corruption, right }) => ({
      corruption,
      points: severities.map((severity, at) => {
        const answered = right[at]!;
        let [lost, gained] = [0, 0];
        for (let image = 0; image < count; image += 1) {
          if (clean[image]! > answered[image]!) lost += 1;
          if (clean[image]! < answered[image]!) gained += 1;
        }
        return {
          severity,
          amount: corruptionKinds[corruption].amounts[at]!,
          ...accuracy(sum(answered)),
          drop: (lost - gained) / count,
          // Of the images as they are beside the corrupted ones: what corruption breaks they put right.
          dropInterval: tangoInterval({ count, fixed: lost, broken: gained }),
        };
      }),
      trainedWith: corruptionKinds[corruption].augmentations.filter((kind) => has.has(kind)),
    })),
  };
}

const sum = (values: Uint8Array): number => values.reduce((total, value) => total + value, 0);

function meanOf(swept: readonly Swept[], count: number): Robustness['mean'] {
  const variants = swept.flatMap(({ right }) => right);
  const shares = Float64Array.from(
    { length: count },
    (_, image) => variants.reduce((total, right) => total + right[image]!, 0) / variants.length,
  );
  const found = bootstrap({
    count,
    compute: (sample: Int32Array) => sample.reduce((total, image) => total + shares[image]!, 0) / count,
  });
  return {
    accuracy: shares.reduce((total, share) => total + share, 0) / count,
    interval: found && { low: found.low, high: found.high },
  };
}
