/** A report says what is known and what is not, asks for nothing from elsewhere, and names are never markup in it. */
import { describe, expect, it } from 'vitest';
import type { Evaluation } from '#contract/evaluation.ts';
import { Run } from '#contract/run.ts';
import { epochOf, tinyRecipe } from '#contract/testing.ts';
import { evaluate } from '#recipe/metrics/scores.ts';
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
  counts: { train: 1200, validation: 30, test: 40 },
  dataDigest: 'ab'.repeat(32),
  evaluation: null,
  evidence: null,
  replay: null,
  mistakes: [],
  ...more,
});

describe('a report', () => {
  it('of a run that was never evaluated says so, and what was trained on', () => {
    const text = reportMarkdown(reportOf(input()));
    expect(text).toContain('It was not evaluated. Nothing is known of how good it is.');
    expect(text).toContain('1,200 images to learn from, 30 to choose the best epoch, 40 held out');
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
