/** The command line as a process, used wrongly or asked about itself: codes, hints and help, to a person and to a program. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes } from '#contract/errors.ts';
import { TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('usage');
const { folder, run: atelier } = commandLine;
beforeAll(() => commandLine.build());
afterAll(() => commandLine.close());

describe('wrong use', () => {
  it.each([
    [['tran', 'P'], /Did you mean train\?/],
    [['train'], /Expected: atelier train PROJECT/],
    [['train', 'P', '--recipie', 'quick'], /Did you mean --recipe\?/],
    [['train', 'P', '--recipe', 'nice'], /seed\|quick\|best/],
    [['train', 'P', '--set', 'training.epochs=-1'], /training\.epochs/],
    [['train', 'P', '--resume', 'r', '--name', 'n'], /--resume RUN alone/],
    [['train', 'P', '--resume', 'r', '--continue', 'n'], /--resume RUN alone/],
    [['train', 'P', '--continue', 'r', '--fine-tune', 'n'], /received both/],
    [['evaluate', 'P', '--tta', 'twice'], /none\|flip\|flip-shift/],
    [['evaluate', 'P', '--normalize', 'true'], /none\|row\|column\|all/],
    [['find-learning-rate', 'P', '--recipe', 'nice'], /seed\|quick\|best/],
    [['runs', 'P', 'renam', 'r', 'n'], /Did you mean rename\?/],
    [['runs', 'P', 'delete'], /atelier runs PROJECT \[delete RUN\]/],
    [['runs', 'P', 'rename', 'r', ''], /1 to 120 characters for NAME, received 0/],
    [['studies', 'P', 'sho', 's'], /Did you mean show\?/],
    [['compare', 'P', 'r'], /atelier compare PROJECT RUN RUN…/],
    [['compare', 'P', 'r', 's', '--split', 'all'], /--split/],
    [['evaluate', 'P', '--split', 'all'], /train\|validation\|test/],
    [['export', 'P'], /--out/],
    [['inspect', 'P', 'i.png'], /--out FOLDER/],
    [['preview', 'P', '--recipe', 'quick'], /--out FOLDER/],
    [['preview', 'P', '--out', 'd', '--variants', '9'], /from 1 to 8 for --variants/],
    [['summary'], /--classes N, received neither/],
    [['summary', 'P', '--classes', '10'], /--classes N, received both/],
    [['summary', '--classes', '1'], /from 2 to 100000 for --classes/],
    [['inspect', 'P', '--out', 'd'], /atelier inspect PROJECT IMAGE --out FOLDER/],
    [['split', 'P', '--validation', '0'], /from 0\.01 to 0\.9 for --validation/],
    [['serve', '--port', 'many'], /--port/],
    [['serve', '--host', '0.0.0.0'], /--insecure-host/],
  ])('%j ends with 2 and a hint, in both voices', async (args, hint) => {
    const person = await atelier(...args);
    expect([person.code, person.out]).toEqual([2, '']);
    expect(person.err).toMatch(/^atelier: /);
    expect(person.err).toMatch(hint);
    const program = await atelier(...args, '--json');
    expect([program.code, program.err, program.lines.length]).toEqual([2, '', 1]);
    expect(program.last).toMatchObject({
      event: 'error',
      code: 'USAGE',
      message: expect.stringMatching(hint),
      details: {},
    });
  });

  it('helps: all commands, and each option of one', async () => {
    const all = await atelier();
    expect(all.code).toBe(0);
    const names =
      'new import split summary preview find-learning-rate compare-precision embed similar train runs compare ' +
      'logs cross-validate search studies evaluate inspect predict export serve doctor bench';
    for (const name of names.split(' ')) {
      expect(all.out).toContain(`atelier ${name}`);
      expect((await atelier('help', name)).out).toContain('--json');
    }
    expect((await atelier('train', '--help')).out).toContain('--resume RUN');
    expect((await atelier('--version')).out).toBe(
      `${(JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version}\n`,
    );
  });
});

describe('failures', () => {
  it.each([
    ['PROJECT_NOT_FOUND', ['evaluate', join(folder, 'none')]],
    ['SOURCE_NOT_FOUND', ['new', join(folder, 'nothing-in'), '--from', join(folder, 'no-such-folder')]],
  ])('end with 1 and %s', async (code, args) => {
    const person = await atelier(...args);
    expect([person.code, person.err.startsWith('atelier: ')]).toEqual([1, true]);
    const program = await atelier(
      ...args.map((word) => word.replace('nothing-in', 'nothing-in-2')),
      '--json',
    );
    expect(program.code).toBe(1);
    expect(program.last).toMatchObject({
      event: 'error',
      code,
      message: expect.any(String),
      details: expect.any(Object),
    });
    expect(errorCodes).toContain(program.last.code);
  });
});

it('doctor: names engine, library, data and what to do about the rest', async () => {
  const { code, last } = await atelier('doctor', '--json');
  expect(code).toBe(0);
  expect(last).toMatchObject({
    event: 'doctor',
    engine: { kind: 'tensorflow', precision: 'float32' },
    tensorflow: { located: { folder: expect.any(String) } },
  });
  for (const { what, found, advice } of last.findings as {
    what: string;
    found: string | null;
    advice: string;
  }[]) {
    expect([what, found !== null || advice !== '']).toEqual([what, true]);
  }
});
