/** What could be done about the images of a run: labels, more of them, parts, classes. */
import type { Improvement } from '#contract/improvements.ts';
import { leakingCurveWords, moreImagesWords } from '#contract/learning-curve.ts';
import { whatIfCaution } from '#contract/what-if.ts';
import type { Facts, LabelErrors } from './facts.ts';

/** Classes of which more images are suggested. */
const classesTold = 2;
/** A gain below this is nothing: a tenth of a point. */
const nothing = 0.001;

export const ofData = (facts: Facts): Improvement[] => [
  ...findings(facts),
  ...moreImages(facts),
  ...mergedClasses(facts),
  ...leaks(facts),
];

function findings({ findings: found, validation }: Facts): Improvement[] {
  if (!found)
    return [
      {
        kind: 'findings',
        title: 'Look for label errors, leaks and shortcuts',
        effect: 'unknown',
        gain: null,
        how: 'Findings were not looked for in this project yet.',
        cost: 'minutes',
        action: { to: 'findings', finding: null },
        command: 'atelier findings PROJECT',
      },
    ];
  const { labelErrors, shortcuts, unsafe, changed } = found;
  const since = changed ? ' The data have changed since findings were looked for: look again.' : '';
  return [
    ...(labelErrors ? repair(labelErrors, validation.count, since) : []),
    ...(shortcuts.length > 0
      ? [
          {
            kind: 'shortcuts',
            title: 'Collect images that differ in what gives their class away',
            effect: 'trust',
            gain: null,
            how: `A network may learn it instead of what images show, and then fail on others: ${shortcuts.join('; ')}. No gain in this figure, but one that holds elsewhere.${since}`,
            cost: 'collecting',
            action: { to: 'findings', finding: 'shortcuts' },
            command: 'atelier findings PROJECT',
          } as const,
        ]
      : []),
    ...unsafe.map(({ augmentation, from, to, turned, images }): Improvement => ({
      kind: 'unsafe-augmentation',
      title: `Train without ${augmentation}`,
      effect: 'unknown',
      gain: null,
      how: `It turns ${turned} of ${images} images of ${from} into ${to} for a network that was not trained with it. What that costs is not known before a training without it.${since}`,
      cost: 'training',
      action: { to: 'findings', finding: 'unsafe-augmentations' },
      command: null,
    })),
  ];
}

function repair(errors: LabelErrors, count: number, since: string): Improvement[] {
  const { train, validation, test, asSuggested, asGiven } = errors;
  const all = train + validation + test;
  if (all === 0) return [];
  const share = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / count;
  const whole = (asSuggested.length - asGiven.length) / count;
  const value = share(asSuggested) - share(asGiven);
  const known = value > nothing;
  return [
    {
      kind: 'label-errors',
      title: `Repair ${all.toLocaleString('en')} probable label ${all === 1 ? 'error' : 'errors'}`,
      effect: known ? 'accuracy' : 'unknown',
      gain: known ? { value, low: Math.min(0, whole), high: Math.max(0, whole) } : null,
      how: `${train} of them train, ${validation} validate, ${test} test. Of those that validate, the run takes ${asSuggested.length} for the suggested class and ${asGiven.length} for the given one: ${known ? 'expected by the probabilities of the suggestions; from none of them right to all. What a training on the repaired labels gains comes on top' : 'repairing them changes this figure by next to nothing, and what a training on the repaired labels gains is not known before it'}.${since}`,
      cost: 'labelling',
      action: { to: 'findings', finding: 'label-errors' },
      command: 'atelier findings PROJECT',
    },
  ];
}

function moreImages({ curve, validation, run }: Facts): Improvement[] {
  if (!curve?.overall.fit)
    return [
      {
        kind: 'more-images',
        title: 'Find out what more images would gain',
        effect: 'unknown',
        gain: null,
        how: curve
          ? `${curve.name} has too few trainings yet: a curve takes four sizes.`
          : 'No learning curve was trained yet.',
        cost: 'training',
        action: { to: 'learning-curve' },
        command: `atelier learning-curve PROJECT --recipe ${run.id}`,
      },
    ];
  const of = `Extrapolated from ${curve.name}, ${curve.trainings} trainings${curve.sameRecipe ? '' : ' of another recipe'}.`;
  const leaking = leakingCurveWords(curve);
  if (leaking !== null)
    return [
      {
        kind: 'more-images',
        title: 'Train the learning curve again, on parts that leak nothing',
        effect: 'unknown',
        gain: null,
        how: `${moreImagesWords(curve.overall)} ${of} But ${leaking}`,
        cost: 'training',
        action: { to: 'learning-curve' },
        command: `atelier learning-curve PROJECT --recipe ${run.id}`,
      },
    ];
  const { to, twice } = curve.overall.fit;
  const ofClasses = curve.classes
    .flatMap((one) => {
      const own = validation.classes.find(({ classId }) => classId === one.classId);
      return own && one.fit ? [{ curve: one, fit: one.fit, weight: own.support / validation.count }] : [];
    })
    .map((one) => ({ ...one, value: one.weight * one.fit.twice.value }))
    .filter(({ value }) => value > nothing)
    .sort((a, b) => b.value - a.value)
    .slice(0, classesTold);
  return [
    more({
      title: `Collect twice as many images: ${to.toLocaleString('en')} more`,
      gain: twice,
      how: `${moreImagesWords(curve.overall)} ${of}`,
    }),
    ...ofClasses.map(({ curve: own, fit, value, weight }) =>
      more({
        title: `Collect twice as many images of ${own.name}: ${fit.to.toLocaleString('en')} more`,
        gain: { value, low: weight * fit.twice.low, high: weight * fit.twice.high },
        how: `${moreImagesWords(own)} ${Math.round(100 * weight)} % of the images are ${own.name}; the other classes grow as they are.`,
      }),
    ),
  ];
}

const more = ({ title, gain, how }: Pick<Improvement, 'title' | 'gain' | 'how'>): Improvement => ({
  kind: 'more-images',
  title: (gain?.value ?? 0) > nothing ? title : 'More images like these will not help',
  effect: (gain?.value ?? 0) > nothing ? 'accuracy' : 'none',
  gain: (gain?.value ?? 0) > nothing ? gain : null,
  how,
  cost: 'collecting',
  action: { to: 'learning-curve' },
  command: null,
});

function mergedClasses({ merge, run }: Facts): Improvement[] {
  // Shown, not by chance.
  if (!merge || merge.gain.low <= 0) return [];
  const [a, b] = merge.names;
  return [
    {
      kind: 'merge-classes',
      title: `Merge ${a} and ${b}, if you need not tell them apart`,
      effect: 'accuracy',
      gain: merge.gain,
      how: `With their probabilities summed, ${merge.fixed} images are right that were wrong and ${merge.broken} the other way. ${whatIfCaution}`,
      cost: 'training',
      action: { to: 'what-if', classIds: merge.classIds },
      command: `atelier what-if PROJECT --run ${run.id} --split validation --merge ${JSON.stringify(`${a}+${b}`)}`,
    },
  ];
}

function leaks({ leaks: found }: Facts): Improvement[] {
  if (!found)
    return [
      {
        kind: 'leaks',
        title: 'Find out whether look-alikes train and validate',
        effect: 'unknown',
        gain: null,
        how: 'Which images belong together was not looked for yet; where parts divide them, figures say too much.',
        cost: 'minutes',
        action: { to: 'redraw' },
        command: 'atelier split PROJECT --check',
      },
    ];
  if (found.leaked === 0) return [];
  return [
    {
      kind: 'leaks',
      title: `Draw parts that keep ${found.leaked.toLocaleString('en')} look-alikes together`,
      effect: 'trust',
      gain: null,
      how: `${found.leaked.toLocaleString('en')} of ${found.images.toLocaleString('en')} images that validate or test belong to a group that also trains. No gain: the figure will fall, and be an honest one.`,
      cost: 'training',
      action: { to: 'redraw' },
      command: 'atelier split PROJECT --seed 1',
    },
  ];
}
