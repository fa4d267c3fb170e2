/** Golden lists: what is suggested of which facts, in which order, with which gain. */
import { describe, expect, test } from 'vitest';
import { Improvement } from '#contract/improvements.ts';
import { pointsText } from '#recipe/metrics/format.ts';
import type { Facts } from './facts.ts';
import { improvementsOf } from './list.ts';
import { curve, estimate, facts } from './testing.ts';

/** "accuracy +2.0 (+0.5 to +3.0) | Merge glass and metal" */
function shown(changes: Partial<Facts>): string[] {
  const list = improvementsOf(facts(changes));
  for (const one of list) {
    expect(Improvement.parse(one)).toEqual(one);
    expect(one.gain !== null).toBe(one.effect === 'accuracy');
    expect(one.how).toMatch(/[.!]$/);
  }
  return list.map(({ effect, gain, title }) => {
    const points = gain
      ? ` ${pointsText(gain.value)} (${pointsText(gain.low)} to ${pointsText(gain.high)})`
      : '';
    return `${effect}${points} | ${title}`;
  });
}

const nothing = ['none | Training longer will not help', 'none | More images like these will not help'];
const labelErrors = { train: 12, validation: 4, test: 3, asSuggested: [0.9, 0.8, 0.7], asGiven: [0.6] };

describe('what next', () => {
  test('is nothing where nothing is amiss', () => expect(shown({})).toEqual(nothing));

  test('names what computes what is not known, where nothing was looked at', () => {
    const found = shown({ findings: null, leaks: null, curve: null, calibration: null });
    expect(found).toEqual([
      'unknown | Look for label errors, leaks and shortcuts',
      'unknown | Find out whether look-alikes train and validate',
      'unknown | Find out whether its probabilities can be trusted',
      'unknown | Find out what more images would gain',
      'none | Training longer will not help',
    ]);
    const commands = improvementsOf(facts({ findings: null, leaks: null, curve: null, calibration: null }))
      .filter(({ effect }) => effect === 'unknown')
      .map(({ command }) => command);
    expect(commands).toEqual([
      'atelier findings PROJECT',
      'atelier split PROJECT --check',
      'atelier evaluate PROJECT --run run-1 --split validation --intervals',
      'atelier learning-curve PROJECT --recipe run-1',
    ]);
  });

  test('puts the largest gain first, then honest figures, then what is not known', () => {
    expect(
      shown({
        findings: {
          labelErrors,
          shortcuts: ['file size alone tells 60 % of classes'],
          unsafe: [],
          changed: false,
        },
        curve: {
          name: 'C',
          trainings: 15,
          sameRecipe: false,
          leak: null,
          overall: curve(null, 'all images', 800, estimate(0.03, 0.01, 0.05)),
          classes: [
            curve(1, 'glass', 400, estimate(0.01, 0, 0.02)),
            curve(2, 'metal', 240, estimate(0.04, 0.01, 0.06)),
            curve(3, 'paper', 160, estimate(0.1, 0.02, 0.2)),
          ],
        },
        length: {
          ...{ verdict: 'improving', epochs: 10, bestEpoch: 10, window: 5, rate: 1 },
          ...{ slope: estimate(-0.01, -0.02, -0.005), gain: estimate(0.015, 0.01, 0.02) },
        },
        merge: {
          classIds: [1, 2],
          names: ['glass', 'metal'],
          gain: estimate(0.04, 0.02, 0.07),
          fixed: 9,
          broken: 1,
        },
        better: { id: 'run-2', name: 'Fine-tune 2', gain: estimate(0.05, 0.01, 0.09), fixed: 14, broken: 4 },
        calibration: { split: 'validation', error: 0.06, scaled: 0.02 },
      }),
    ).toEqual([
      'accuracy +5.0 (+1.0 to +9.0) | Use Fine-tune 2 instead',
      'accuracy +4.0 (+2.0 to +7.0) | Merge glass and metal, if you need not tell them apart',
      'accuracy +3.0 (+1.0 to +5.0) | Collect twice as many images: 800 more',
      'accuracy +2.0 (+0.4 to +4.0) | Collect twice as many images of paper: 160 more',
      'accuracy +1.5 (+1.0 to +2.0) | Train for 20 epochs instead of 10',
      'accuracy +1.2 (+0.3 to +1.8) | Collect twice as many images of metal: 240 more',
      'accuracy +0.9 (0.0 to +1.0) | Repair 19 probable label errors',
      'trust | Set a temperature, so that probabilities are as often right as they say',
      'trust | Collect images that differ in what gives their class away',
    ]);
  });

  test('believes no learning curve of parts that leak, and says to draw them anew', () => {
    const overall = curve(null, 'all images', 800, estimate(0.03, 0.01, 0.05));
    const leaking = {
      leaks: { images: 400, leaked: 30 },
      curve: { ...facts().curve!, overall, leak: { images: 200, leaked: 15 } },
    };
    expect(shown(leaking)).toEqual([
      'trust | Draw parts that keep 30 look-alikes together',
      'unknown | Train the learning curve again, on parts that leak nothing',
      'none | Training longer will not help',
    ]);
  });

  test('says of a network what its figures say: too small, overfitted, uneven', () => {
    const recipe = { epochs: 10, backbone: false, equalClasses: true, augmentation: [] };
    expect(shown({ recipe, trainAccuracy: 0.86, classImages: [400, 240, 40] })).toEqual([
      'unknown | Begin with a pre-trained network',
      'unknown | Weigh small classes more',
      'unknown | Train a larger network',
      ...nothing,
    ]);
    expect(shown({ recipe, trainAccuracy: 0.99 })).toEqual([
      'unknown | Begin with a pre-trained network',
      'unknown | Train with augmentation',
      ...nothing,
    ]);
    expect(
      shown({ recipe: { ...recipe, backbone: true, equalClasses: false }, classImages: [9, 9, 1] }),
    ).toContain('unknown | Train with augmentation');
  });

  test('leaves out what chance may have done, and what is done already', () => {
    const merge = {
      classIds: [1, 2],
      names: ['a', 'b'],
      gain: estimate(0.01, -0.01, 0.03),
      fixed: 4,
      broken: 2,
    };
    expect(
      shown({
        merge: merge as Facts['merge'],
        calibration: { split: 'validation', error: 0.2, scaled: 0.01 },
        calibrated: true,
      }),
    ).toEqual(nothing);
  });

  test('says of label errors among training images alone that their gain is not known', () => {
    const found = { ...labelErrors, validation: 0, asSuggested: [], asGiven: [] };
    const [first] = improvementsOf(
      facts({ findings: { ...facts().findings!, labelErrors: found, changed: true } }),
    );
    expect(first).toMatchObject({
      effect: 'unknown',
      title: 'Repair 15 probable label errors',
      cost: 'labelling',
    });
    expect(first!.how).toMatch(
      /^12 of them train, 0 validate, 3 test\..*is not known before it\. The data have changed/,
    );
  });

  test('suggests a longer training to see, where epochs cannot tell', () => {
    const length = {
      ...facts().length,
      verdict: 'annealed' as const,
      slope: estimate(-0.01, -0.02, -0.005),
      rate: 0.001,
    };
    const [first] = improvementsOf(facts({ length }));
    expect(first).toMatchObject({
      effect: 'unknown',
      action: { to: 'train', changes: { 'training.epochs': 20 } },
      command: 'atelier train PROJECT --recipe run-1 --set training.epochs=20',
    });
  });

  test.each([
    ['validation', /^No accuracy is gained: .* falls from 11\.6 to 7\.7 %, on the validation images\. /],
    [
      'test',
      /^No accuracy is gained: .* falls from 11\.6 to 7\.7 %, on the test images: it was not computed/,
    ],
  ] as const)('sets the temperature alone, and says that it was measured on the %s images', (split, how) => {
    const [first] = improvementsOf(facts({ calibration: { split, error: 0.1156, scaled: 0.077 } }));
    expect(first).toMatchObject({
      kind: 'temperature',
      how: expect.stringMatching(how) as string,
      command: 'atelier calibrate PROJECT --run run-1 --threshold 0 --known 1',
    });
  });

  test('names an augmentation of the recipe that turns one class into another', () => {
    const unsafe = [{ augmentation: 'horizontal flip', from: '6', to: '9', turned: 8, images: 20 }];
    expect(shown({ findings: { ...facts().findings!, unsafe } })[0]).toBe(
      'unknown | Train without horizontal flip',
    );
  });
});
