/** What would make a run better: `what-if`, as a process that a script reads. */
import { afterAll, beforeAll, expect, it } from 'vitest';
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
