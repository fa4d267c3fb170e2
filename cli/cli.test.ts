import { nearest } from '#contract/nearest.ts';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { type Command, readWords, wholeNumber } from './command.ts';
import { crossValidateCommand } from './commands/cross-validate.ts';
import { newProjectPath } from './commands/project.ts';
import { runsCommand } from './commands/runs.ts';
import { studiesCommand } from './commands/studies.ts';
import { trainCommand } from './commands/train.ts';
import { createOutput, duration, exitCodeOf, table, usage } from './output.ts';
import { readRecipe } from './recipe.ts';

interface Line {
  event: string;
  [field: string]: unknown;
}

const folder = mkdtempSync(join(tmpdir(), 'atelier-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const command: Command = {
  name: 'train',
  words: 'PROJECT',
  about: '',
  needsEngine: false,
  options: { set: { type: 'string', multiple: true, about: '' }, recipe: { type: 'string', about: '' } },
  least: 1,
  most: 1,
  run: async () => {},
};

describe('words', () => {
  it('reads options that may be given several times', () => {
    expect(readWords(command, ['P', '--set', 'a=1', '--set=b=2', '--json'])).toEqual({
      words: ['P'],
      values: expect.objectContaining({ set: ['a=1', 'b=2'], json: true }),
    });
  });

  it.each([
    [['P', '--recipie', 'quick'], 'Unknown option --recipie for train. Did you mean --recipe?'],
    [['P', '--zzz=1'], 'Unknown option --zzz for train. Known: --json, --help, --set, --recipe.'],
    [['P', '--recipe'], "Option '--recipe <value>' argument missing. See: atelier help train."],
    [[], 'Expected: atelier train PROJECT. See: atelier help train.'],
    [['P', 'Q'], 'Expected: atelier train PROJECT; "Q" is one too many. See: atelier help train.'],
  ])('refuses %j with a hint', (args, message) => {
    expect(() => readWords(command, args)).toThrow(expect.objectContaining({ code: 'USAGE', message }));
  });

  it('takes no empty text for the folder one is in', () => {
    const from: Command = {
      ...{ ...command, name: 'new', most: 3 },
      options: {
        from: { type: 'string', value: 'SOURCE', about: '' },
        name: { type: 'string', value: 'NAME', about: '' },
      },
    };
    for (const [args, what] of [
      [[''], 'PROJECT'],
      [['P', ''], 'PROJECT'],
      [['P', '--from', ''], '--from SOURCE'],
      [['P', '--from='], '--from SOURCE'],
    ] as const) {
      const message = `Expected ${what}, received an empty text. Is a variable not set? See: atelier help new.`;
      expect(() => readWords(from, args)).toThrow(expect.objectContaining({ code: 'USAGE', message }));
    }
    expect(readWords(from, ['P', 'note', '', '--name', '']).words).toEqual(['P', 'note', '']);
  });

  it('names a new project with its suffix, once', () => {
    for (const given of ['/d/foo', '/d/foo/', '/d/foo.atelier', '/d/foo.atelier/'])
      expect(newProjectPath(given)).toBe('/d/foo.atelier');
  });

  it('suggests what is near, and nothing else', () => {
    const names = ['new', 'import', 'train', 'evaluate', 'predict', 'export', 'serve', 'doctor', 'bench'];
    expect(nearest('tran', names)).toBe('train');
    expect(nearest('eval', names)).toBe('evaluate');
    expect(nearest('xyzzy', names)).toBeNull();
    fc.assert(
      fc.property(
        fc.string(),
        (given) => nearest(given, names) === null || names.includes(nearest(given, names)!),
      ),
    );
  });

  it('takes whole numbers within their range only', () => {
    expect(wholeNumber('port', '8080', 0, 65535)).toBe(8080);
    expect(wholeNumber('port', undefined, 0, 65535)).toBeUndefined();
    for (const wrong of ['', '-1', '1.5', '1e3', '65536', '0x10', 'abc']) {
      expect(() => wholeNumber('port', wrong, 0, 65535)).toThrow(/from 0 to 65535 for --port/);
    }
  });
});

describe('texts that are too long or too short', () => {
  const long = 'x'.repeat(121);
  const note = 'x'.repeat(20_001);
  it.each<[Command, string[], Record<string, string>, RegExp]>([
    [trainCommand, [], { note }, /at most 20,000 characters for --note, received 20,001/],
    [trainCommand, [], { name: long }, /at most 120 characters for --name, received 121/],
    [crossValidateCommand, [], { name: long }, /for --name/],
    [runsCommand, ['rename', 'r', ''], {}, /1 to 120 characters for NAME, received 0/],
    [runsCommand, ['rename', 'r', long], {}, /for NAME/],
    [runsCommand, ['note', 'r', note], {}, /for TEXT/],
    [studiesCommand, ['rename', 's', ''], {}, /for NAME/],
  ])('%o %j are refused before the project is opened', (of, rest, values, message) => {
    const output = createOutput(true);
    const run = () =>
      void of.run({ words: ['/nowhere', ...rest], values, output, signal: { onInterrupt: () => () => {} } });
    expect(run).toThrow(expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }));
  });
});

describe('recipes', () => {
  it('changes a preset by path', () => {
    const recipe = readRecipe('quick', [
      'training.epochs=3',
      'name=My run',
      'model.layers.0.filters=16',
      'training.earlyStopping={"patience":2}',
    ]);
    expect(recipe).toMatchObject({ name: 'My run', training: { epochs: 3, earlyStopping: { patience: 2 } } });
    expect(recipe.model.layers[0]).toMatchObject({ filters: 16 });
    expect(readRecipe('quick', []).training.epochs).not.toBe(3);
  });

  it('reaches every field: lists, objects, what is off, and another kind with its own defaults', () => {
    const recipe = readRecipe('seed', [
      'augmentation=[]',
      'augmentation.+={"kind":"crop","probability":1,"padding":2}',
      'augmentation.+={"kind":"cutout","probability":0.5,"fraction":0.25}',
      'augmentation.0.padding=3',
      'training.optimizer.kind=sgd',
      'training.optimizer.momentum=0.8',
      'training.schedule={"kind":"one-cycle"}',
      'training.earlyStopping.patience=7',
      'training.classWeights.kind=balanced',
      'training.gradientClipping=1.5',
      'training.weightAveraging=null',
      'model.layers.0.activation=mish',
      'preprocessing.normalisation.kind=measured',
    ]);
    expect(recipe.augmentation).toEqual([
      { kind: 'crop', probability: 1, padding: 3 },
      { kind: 'cutout', probability: 0.5, fraction: 0.25 },
    ]);
    expect(recipe.training).toMatchObject({
      optimizer: { kind: 'sgd', momentum: 0.8, nesterov: true },
      schedule: { kind: 'one-cycle', peakAt: 0.3 },
      earlyStopping: { patience: 7 },
      classWeights: { kind: 'balanced' },
      gradientClipping: 1.5,
      weightAveraging: null,
    });
    expect(recipe.training.optimizer).not.toHaveProperty('beta1');
    expect(recipe.model.layers[0]).toMatchObject({ kind: 'conv', activation: 'mish' });
    expect(recipe.preprocessing.normalisation).toEqual({ kind: 'measured' });
  });

  it.each([
    [
      'augmentation.9={"kind":"crop","probability":1,"padding":2}',
      /Expected an entry of augmentation, .*augmentation\.9.* To add to a list: --set LIST\.\+=VALUE/,
    ],
    ['augmentation.first=1', /Expected an entry of augmentation/],
    ['training.learningRate.kind=x', /path training\.learningRate\.kind, which leads nowhere/],
    ['training.optimizer.kind=sgdd', /training\.optimizer/],
    ['training.epochs', /Expected --set path=value/],
    ['training.epoch=3', /training: Unrecognized key: "epoch"/],
    ['training.epochs=many', /training\.epochs: .*expected number/],
    ['training.epochs=0', /training\.epochs: /],
    ['nothing.here=1', /path nothing\.here, which leads nowhere/],
    ['__proto__.polluted=1', /path __proto__\.polluted/],
    ['constructor.prototype.polluted=1', /path constructor\.prototype/],
    ['training.__proto__={"a":1}', /path training\.__proto__/],
    ['=1', /Expected --set path=value/],
  ])('refuses --set %s as wrong use', (change, message) => {
    expect(() => readRecipe('quick', [change])).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('reads a file, and tells no JSON from no recipe from no file', () => {
    const good = join(folder, 'good.json');
    const text = join(folder, 'text.json');
    const wrong = join(folder, 'wrong.json');
    writeFileSync(good, JSON.stringify(readRecipe('seed', ['training.epochs=2'])));
    writeFileSync(text, 'epochs: 5');
    writeFileSync(wrong, '{"format":"atelier-recipe/2"}');
    expect(readRecipe(good, []).training.epochs).toBe(2);
    expect(() => readRecipe(text, [])).toThrow(expect.objectContaining({ code: 'RECIPE_INVALID' }));
    expect(() => readRecipe(wrong, [])).toThrow(
      expect.objectContaining({
        code: 'RECIPE_INVALID',
        message: expect.stringContaining('preprocessing: '),
      }),
    );
    expect(() => readRecipe(join(folder, 'none.json'), [])).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });
});

describe('output', () => {
  const collect = (json: boolean, isTTY = false) => {
    const [out, err]: [string[], string[]] = [[], []];
    const stream = (into: string[]) => ({ isTTY, columns: 40, write: (text: string) => into.push(text) });
    return { output: createOutput(json, stream(out), stream(err)), out, err };
  };

  it('keeps stdout for events with --json, and for lines without', () => {
    for (const json of [true, false]) {
      const { output, out, err } = collect(json);
      output.event('a', { b: 1 });
      output.line('for a person');
      output.note('for the log');
      expect(out).toEqual(json ? ['{"event":"a","b":1}\n'] : ['for a person\n']);
      expect(err).toEqual(['for the log\n']);
    }
  });

  it('has one shape of error in each voice', () => {
    const error = new AtelierError('NO_PROJECT', 'There is none.', { path: '/x' });
    const program = collect(true);
    program.output.error(error);
    expect(JSON.parse(program.out[0]!)).toEqual({
      event: 'error',
      code: 'NO_PROJECT',
      message: 'There is none.',
      details: { path: '/x' },
    });
    const person = collect(false);
    person.output.error(error);
    expect([person.out, person.err]).toEqual([[], ['atelier: There is none.\n']]);
    expect([exitCodeOf(error), exitCodeOf(usage('x')), exitCodeOf(new TypeError('x'))]).toEqual([1, 2, 1]);
  });

  it('shows progress in a terminal only, on one line', () => {
    const pipe = collect(false);
    pipe.output.progress('half');
    expect([...pipe.out, ...pipe.err]).toEqual([]);
    const terminal = collect(false, true);
    terminal.output.progress('x'.repeat(100));
    terminal.output.line('done');
    expect(terminal.err).toEqual(['x'.repeat(39), '\r\u001b[2K']);
    expect(terminal.out).toEqual(['done\n']);
  });

  it('writes durations and tables', () => {
    expect([0, 59.6, 61, 3661, null, Infinity].map(duration)).toEqual([
      '0 s',
      '1 min 0 s',
      '1 min 1 s',
      '1 h 1 min',
      '',
      '',
    ]);
    expect(
      table([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['a    bb', 'ccc   d']);
    // By the columns of a terminal, and by what is shown of a control character.
    expect(
      table([
        ['日本', '1'],
        ['\u001b', '22'],
        ['café', ''],
      ]),
    ).toEqual(['日本   1', '\\x1b  22', 'café']);
    expect(table([])).toEqual([]);
  });

  it('shows control characters in all that is printed, in words and as JSON', () => {
    const hostile = '\u001b[2J\u009b31m\u202egnp\nSaved.\r\u007f\u2028\ud800';
    for (const json of [false, true]) {
      const printed: string[] = [];
      const stream = { write: (text: string) => printed.push(text), isTTY: true, columns: 400 };
      const output = createOutput(json, stream, stream);
      output.line(hostile);
      output.note(hostile);
      output.progress(hostile);
      output.event('seen', { file: hostile, [hostile]: 1 });
      output.error(usage(hostile, { name: hostile }));
      output.error(new Error(hostile));
      const text = printed.join('').replaceAll('\r\u001b[2K', '').replaceAll('\n', '');
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202e]/u);
      expect(text).toContain(String.raw`\x1b[2J\x9b31m\u202egnp\x0aSaved.\x0d\x7f\u2028\ud800`);
      if (!json) continue;
      const events = printed.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
      expect(events[0]).toEqual({ event: 'seen', file: hostile, [hostile]: 1 });
      expect(events[1]).toMatchObject({ event: 'error', message: hostile, details: { name: hostile } });
    }
  });
});
