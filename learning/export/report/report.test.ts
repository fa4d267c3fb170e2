/** A report says what is known and what is not, asks for nothing from elsewhere, and names are never markup in it. */
import { describe, expect, it } from 'vitest';
import { type AnswerRule, defaultChoice } from '#contract/answer-rule.ts';
import type { Evaluation } from '#contract/evaluation.ts';
import { Run } from '#contract/run.ts';
import { epochOf, tinyRecipe } from '#contract/testing.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
import { evidenceOf } from '#learning/statistics/evidence.ts';
import { finish } from '#learning/work-in-turns.ts';
import type { Block } from './block.ts';
import { matrixChart } from './charts.ts';
import { type ReportInput, reportOf } from './content.ts';
import { escapeMarkdown } from './escape.ts';
import { reportHtml } from './html.ts';
import { reportMarkdown } from './markdown.ts';

const hostile = '<img src=x onerror=alert(1)> & "a" | *b* \u202e[c](https://d)';
const run = Run.parse({
  ...{ id: 'run-1', name: hostile, note: hostile, origin: null, studyId: null, state: 'finished' },
  ...{
    createdAt: '2026-01-01',
    finishedAt: '2026-01-01',
    engine: null,
    parameters: 7,
    epochs: [epochOf(1)],
    bestEpoch: 1,
  },
  ...{
    progress: null,
    paused: null,
    imagesPerSecond: 1,
    validationAccuracy: 0.5,
    testAccuracy: null,
    testLabels: null,
    error: null,
    notices: [],
  },
  recipe: tinyRecipe({ model: { layers: [{ kind: 'dense', units: 3 }] } }),
});
/** Four images of three classes, one wrong. */
function evaluated(names = ['cat', 'dog', 'owl']): Evaluation {
  const probabilities = Float32Array.of(0.8, 0.1, 0.1, 0.1, 0.8, 0.1, 0.1, 0.1, 0.8, 0.7, 0.2, 0.1);
  const scores = evaluate(probabilities, Int32Array.of(0, 1, 2, 2), 3, 2);
  const classes = scores.classes.map((score, at) => ({ classId: at + 1, name: names[at]!, ...score }));
  return {
    ...scores,
    classes,
    runId: 'run-1',
    split: 'test',
    tta: 'none',
    evaluatedAt: '2026-01-01',
    leftOut: [],
    partVersion: null,
    labelsVersion: null,
    trainedOn: 0,
  };
}
const input = (more: Partial<ReportInput> = {}): ReportInput => ({
  version: '1',
  projectName: hostile,
  run,
  counts: { train: 1200, validation: 30 },
  dataDigest: 'ab'.repeat(32),
  evaluation: null,
  tested: null,
  evidence: null,
  replay: null,
  classCount: 3,
  rule: null,
  mistakes: [],
  ...more,
});

describe('a report', () => {
  it('of a run that was never evaluated says so, and what was trained on', () => {
    const text = reportMarkdown(reportOf(input()));
    expect(text).toContain('It was not evaluated. Nothing is known of how good it is.');
    expect(text).toContain('1,200 images to learn from, 30 to choose the best epoch, none to test it on');
    expect(text).toContain(`atelier replay PROJECT --run run-1`);
    expect(text).toContain('abab');
  });

  it('of an evaluated one has its figures, its matrix and its worst mistakes', () => {
    const evaluation = evaluated();
    const bytes = Uint8Array.of(0x89, 0x50);
    const page = reportHtml(
      reportOf(input({ evaluation, mistakes: [{ bytes, type: 'image/png', caption: hostile }] })),
      hostile,
    );
    expect(page).toContain('Intervals of the other metrics were not computed.');
    expect(page).toContain('src="data:image/png;base64,iVA="');
    expect(page.match(/class="cell"/g)).toHaveLength(evaluation.classes.length ** 2);
  });

  it('of images that it had learned from says so, and never that they had no part in the training', () => {
    const text = (trainedOn: number) =>
      reportMarkdown(reportOf(input({ evaluation: { ...evaluated(), trainedOn } })));
    expect(text(0)).toContain('on 4 test images, which had no part in the training.');
    expect(text(3)).toContain('on 4 test images. The run had trained or validated on 3 of these 4 images');
    expect(text(3)).not.toContain('no part in the training');
  });

  it('of a run with an answer rule says that an image of no class may be told as such', () => {
    const text = (rule: AnswerRule | null) => reportMarkdown(reportOf(input({ rule })));
    const validation = { images: 40, answered: 36, unsure: 3, unknown: 1, wrong: 2 };
    const promised = { confidence: 0.95, unknownAtMost: 0.07, wrongAtMost: 0.1, imagesNeeded: 30 };
    const limits = { temperature: 1.5, threshold: 0.6, noveltyThreshold: 2, epoch: 1, fittedAt: '2026' };
    const told = text({
      ...limits,
      chosen: defaultChoice,
      calibrated: true,
      trainingImages: 9,
      validation,
      promised,
    });
    expect(told).toContain('is to be told by its verdict, “unknown”');
    expect(told).toContain('at most 7 % of images like the validation images are taken for unknown');
    expect(told).toContain('36 were answered, 2 of them wrong; 3 were unsure, 1 unknown.');
    expect(told).not.toContain('still given to one');
    expect(text(null)).toContain('an image of none of them is still given to one');
  });

  it('has one interval for the accuracy, and what a perfect network would show in the place of one for the calibration error', () => {
    const evaluation = evaluated();
    const probabilities = Float32Array.of(0.8, 0.1, 0.1, 0.1, 0.8, 0.1, 0.1, 0.1, 0.8, 0.7, 0.2, 0.1);
    const found = finish(evidenceOf({ probabilities, labels: Int32Array.of(0, 1, 2, 2) }, null, 3, 2));
    const evidence = { ...found, runId: 'run-1', split: 'test' as const, evaluatedAt: '2026', classes: [] };
    const text = reportMarkdown(reportOf(input({ evaluation, evidence })));
    expect(text).toContain('75.00 % right (95 % interval 19.41 % to 99.37 %, exact)');
    expect(text).toContain('| Accuracy | 75.00 % | 19.41 % to 99.37 % | exact |');
    expect(text).toMatch(/\| Expected calibration error \| \d+\.\d\d % \| – \| – \|/);
    expect(text).toMatch(/a perfectly calibrated network would show [\d.]+ % to [\d.]+ % on these 4 images/);
    expect(text).toContain('How often it is right where it gives a probability');
  });

  it('says what it was tested on: look-alikes, uses, the version of the part and of the labels', () => {
    const text = (tested: ReportInput['tested']) =>
      reportMarkdown(reportOf(input({ evaluation: { ...evaluated(), partVersion: 'abc' }, tested })));
    const told = text({
      leak: { images: 4, leaked: 1 },
      uses: { images: 4, runs: 1, comparisons: 2, repairs: 0, earlier: null },
      present: true,
      labels: { then: '0123456789ab', relabelled: 1, gone: 2 },
    });
    expect(told).toContain('4 images of the test part (version abc), evaluated on 2026-01-01\n');
    expect(told).toContain(
      '1 of 4 test images looks like, or belongs to a group with, one that it trained on',
    );
    expect(told).toContain('1 run evaluated, 2 comparisons: it may have informed 3 choices');
    expect(told).toContain('012345; since then 1 image got another label, and 2 images went from the part');
    const nothing = text({ leak: null, uses: null, present: true, labels: null });
    expect(nothing).toContain('Nobody has looked for look-alikes between the parts');
    expect(nothing).not.toMatch(/another test part|informed|Version of its labels/);
    expect(text({ leak: { images: 4, leaked: 0 }, uses: null, present: null, labels: null })).toContain(
      'None of the 4 test images was found to look like',
    );
  });

  it('as Markdown has tables for drawings, says nothing twice, leaves no section empty, and code is code', () => {
    const text = reportMarkdown(reportOf(input({ evaluation: evaluated() })));
    expect(text).toContain('| 3 owl | 1 | 0 | 1 |');
    expect(text.match(/owl taken for cat: 1/g)).toHaveLength(1);
    expect(text).not.toMatch(/dashed|\\`|^- .*: *$/m);
    expect(text).toContain('- Start from: random weights');
    expect(text).toContain('```\natelier replay PROJECT --run run-1\n```');
    expect(text).toContain('1,200 images to learn from, 30 to choose the best epoch, 4 to test it on');
    expect(text).toContain('1 epoch; the weights of epoch 1');
  });

  it('holds no markup that a name brought, and asks for nothing from elsewhere', () => {
    const evaluation = evaluated([hostile, 'dog', 'owl']);
    const blocks = reportOf(input({ evaluation }));
    const page = reportHtml(blocks, hostile);
    expect(page).not.toMatch(/<img src=x|onerror=alert\(1\)>|\u202e/);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).not.toMatch(/<(script|link|iframe|object|form)/);
    expect(page).toContain("default-src 'none'");
    const text = reportMarkdown(blocks);
    expect(text).not.toMatch(/(^|[^\\])<img|[^\\]\[c\]|\u202e/);
  });

  it('draws many classes smaller, and says no number over them', () => {
    const names = Array.from({ length: 30 }, (_, at) => `c${at}`);
    const confusion = names.map((_, row) => names.map((__, column) => Number(row === column)));
    expect(matrixChart(confusion, names)).not.toContain('>1</text>');
    expect(matrixChart([[1]], ['a'])).toContain('>1</text>');
  });
});

it('Markdown leaves figures alone, and no line begins a list or a heading by itself', () => {
  expect(escapeMarkdown('81.60 %')).toBe('81.60 %');
  expect(escapeMarkdown('1. a')).toBe('1\\. a');
  expect(escapeMarkdown('# a\nb')).toBe('\\# a b');
  const blocks: Block[] = [{ kind: 'code', text: '```\nout' }];
  expect(reportMarkdown(blocks)).toBe("```\n'''\nout\n```\n");
});
