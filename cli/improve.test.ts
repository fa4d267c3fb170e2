/** What would make a run better: `what-if` and `learning-curve`, as processes that a script reads. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LearningCurve, moreImagesWords } from '#contract/learning-curve.ts';
import type { WhatIf } from '#contract/what-if.ts';
import { TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('improve');
const { project, run: atelier } = commandLine;
beforeAll(() => commandLine.buildAndFill('One'));
afterAll(() => commandLine.close());

it('what-if: says which pairs to merge, and what merging and dropping come to', async () => {
  const { code, last } = await atelier('what-if', project, '--json');
  expect(code).toBe(0);
  const none = last as unknown as WhatIf;
  expect(none).toMatchObject({ runId: 'run-1', split: 'test', before: { count: 500 }, after: null });
  const [best] = none.suggestions;
  const merged = (await atelier('what-if', project, '--merge', best!.names.join('+'), '--json'))
    .last as unknown as WhatIf;
  expect(merged.after!.correct - merged.before.correct).toBe(best!.fixed - best!.broken);
  expect(merged.after!.classes).toHaveLength(none.before.classes.length - 1);
  const [first] = none.before.classes;
  const dropped = await atelier('what-if', project, '--drop', first!.name);
  expect(dropped.out).toMatch(/^After the change: accuracy [\d.]+ % \([\d.]+ % to [\d.]+ %; \d+ of \d+\)/m);
  expect(dropped.out).toContain('a network trained anew on them may do otherwise');
  const wrong = await atelier('what-if', project, '--merge', first!.name);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('two classes or more') as string]);
  const unknown = await atelier('what-if', project, '--drop', `${first!.name}x`);
  expect(unknown.err).toContain(`Did you mean ${first!.name}?`);
  expect((await atelier('what-if', project, '--split', 'train', '--json')).last).toMatchObject({
    code: 'NOT_FOUND',
  });
});

it('learning-curve: says what it will take before it starts, and what more images would gain', async () => {
  const plan = ['--shares', '25,50,75,100', '--seeds', '1', '--no-groups'];
  const recipe = ['--recipe', 'quick', '--set', 'training.epochs=1'];
  const long = [
    '--seeds',
    Array.from({ length: 50 }, (_, seed) => seed).join(','),
    '--set',
    'training.epochs=500',
  ];
  const refused = await atelier(
    'learning-curve',
    project,
    '--recipe',
    'quick',
    ...long,
    '--within',
    '1',
    '--json',
  );
  expect(refused.last).toMatchObject({ code: 'BUDGET_EXCEEDED' });
  const { code, lines, last } = await atelier('learning-curve', project, ...recipe, ...plan, '--json');
  expect(code).toBe(0);
  expect(lines.find(({ event }) => event === 'study.started')).toMatchObject({
    study: 'study-1',
    trialsInAll: 4,
  });
  expect(last).toMatchObject({ event: 'study.learning-curve', study: 'study-1' });
  const { overall, classes } = last.curve as LearningCurve;
  expect(overall.points.map(({ images }) => images).sort((a, b) => a - b)[3]).toBe(overall.fit!.to);
  expect(classes).toHaveLength(10);
  const shown = await atelier('studies', project, 'show', 'study-1');
  expect(shown.out).toMatch(/^all images +[\d,]+ +[\d.]+ % +[\d.]+ % to [\d.]+ %/m);
  expect(shown.out).toContain(moreImagesWords(overall));
});
