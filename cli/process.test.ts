/**
 * The command line as a process: built, started and read as a script would. One small project on the real engine
 * goes through all commands.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes } from '#contract/errors.ts';
import { type Line, TestCommandLine } from './testing.ts';

const commandLine = new TestCommandLine('cli');
const { folder, start, run: atelier } = commandLine;
const root = process.cwd();
const small = join(root, 'resources', 'fashion-mnist-small');
const project = join(folder, 'P.atelier');

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
    for (const name of [
      'new',
      'import',
      'split',
      'summary',
      'preview',
      'find-learning-rate',
      'compare-precision',
      'embed',
      'similar',
      'train',
      'runs',
      'compare',
      'logs',
      'cross-validate',
      'search',
      'studies',
      'evaluate',
      'inspect',
      'predict',
      'export',
      'serve',
      'doctor',
      'bench',
    ]) {
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

describe('a project from the first to the last command', () => {
  it('new --from: makes it and imports', async () => {
    const { code, last, lines } = await atelier(
      'new',
      project.replace('.atelier', ''),
      '--from',
      small,
      '--json',
    );
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ event: 'import.plan', layout: 'idx', images: 2500 });
    expect(lines[1]).toEqual({ event: 'project.created', name: 'P', path: project });
    expect(last).toMatchObject({
      event: 'project.ready',
      path: project,
      counts: { total: 2500, test: 500 },
      skippedFiles: [],
    });
    expect(last.classes).toHaveLength(10);
    expect((await atelier('new', project, '--json')).last).toMatchObject({
      event: 'error',
      code: 'PROJECT_EXISTS',
    });
  });

  it('import: adds a folder per class', async () => {
    const source = join(folder, 'shapes');
    mkdirSync(join(source, 'Bag'), { recursive: true });
    writeFileSync(join(source, 'Bag', 'a.png'), grey);
    writeFileSync(join(source, 'Bag', 'broken.png'), 'no image');
    const other = join(folder, 'Other');
    await atelier('new', other);
    const { code, last } = await atelier('import', other, source, '--json');
    expect(code).toBe(0);
    expect(last).toMatchObject({
      event: 'import.finished',
      imported: 1,
      skippedFiles: [{ path: expect.stringContaining('broken.png') }],
    });
    expect((await atelier('import', other, source, '--json')).last).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/all 1 of .*shapes were imported before/) as string,
    });
    writeFileSync(join(source, 'Bag', 'b.png'), grey);
    writeFileSync(join(source, 'Bag', 'torn.png'), 'no image');
    const words = await atelier('import', other, source);
    expect(words.out).toMatch(
      /Imported 1 images[^]*1 were imported before[^]*Skipped 1 file:[^]*1 × Text, not an image\. Bag\/torn\.png/,
    );
  });

  it('train: ends with run.finished, as the guide says', async () => {
    const { code, lines, last, err } = await atelier(
      'train',
      project,
      '--recipe',
      'quick',
      '--set',
      'training.epochs=1',
      '--name',
      'One',
      '--json',
    );
    expect([code, err]).toEqual([0, '']);
    expect(lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['run.started', 'run.progress', 'run.epoch']),
    );
    expect(lines.filter(({ event }) => event === 'run.epoch')).toHaveLength(1);
    expect(last).toMatchObject({
      event: 'run.finished',
      run: expect.stringMatching(/^[a-z0-9-]+$/),
      validation: { accuracy: expect.any(Number) },
      test: { accuracy: expect.any(Number) },
      parameters: expect.any(Number),
      imagesPerSecond: expect.any(Number),
      engine: { kind: 'tensorflow', device: expect.any(String) },
    });
  });

  it('train: prints a line an epoch to a person', async () => {
    const { code, out } = await atelier('train', project, '--set', 'training.epochs=1');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^epoch +loss +acc\. +val\. loss +val\. acc\. +top 3 +macro F1 +images\/s +s\n +1\/1( +\d[\d.,]*( %)?){8}$/m,
    );
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(out).toMatch(/Test accuracy +\d/);
  });

  it('train: Ctrl-C stops it, and it goes on later', async () => {
    const first = start('train', project, '--set', 'training.epochs=30', '--json');
    await first.saw('run.epoch');
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain('Ctrl-C again');
    expect(stopped.last).toMatchObject({
      event: 'error',
      code: 'CANCELLED',
      message: expect.stringContaining('--resume'),
    });
    const { run } = stopped.last.details as { run: string };
    const second = start('train', project, '--resume', run, '--json');
    const epoch = await second.saw('run.epoch');
    expect(epoch.epoch).toBeGreaterThan(1);
    second.child.kill('SIGINT');
    expect((await second.ended).last).toMatchObject({ code: 'CANCELLED' });
  });

  it('train: begins with the weights of another run, with its own recipe unless told otherwise', async () => {
    const { code, lines, last } = await atelier(
      'train',
      project,
      '--continue',
      'One',
      '--set',
      'training.learningRate=0.0001',
      '--name',
      'Two',
      '--note',
      'Slower; =1+1',
      '--json',
    );
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({
      event: 'run.started',
      origin: { runId: 'run-1', how: 'continue' },
      recipe: { training: { epochs: 1, learningRate: 0.0001 } },
    });
    const tuned = await atelier('train', project, '--fine-tune', 'One', '--json');
    expect([tuned.code, tuned.last.event]).toEqual([0, 'run.finished']);
    const listed = (await atelier('runs', project, '--json')).last as unknown as {
      runs: { id: string; name: string; note: string; origin: unknown; epochs: number }[];
    };
    expect(listed).toMatchObject({ event: 'runs' });
    expect(listed.runs.find(({ id }) => id === last.run)).toMatchObject({
      name: 'Two',
      note: 'Slower; =1+1',
      epochs: 1,
    });
    expect(listed.runs.find(({ id }) => id === tuned.last.run)!.origin).toEqual({
      runId: 'run-1',
      how: 'fine-tune',
    });
    const frozen = await atelier('train', project, '--set', 'training.frozenLayers=2', '--json');
    expect([frozen.code, frozen.last]).toMatchObject([
      1,
      {
        code: 'RECIPE_INVALID',
        message: expect.stringContaining(
          'only a run that begins with a backbone, or continues or fine-tunes another',
        ) as string,
      },
    ]);
    expect((await atelier('train', project, '--continue', 'Nobody', '--json')).last).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('run-1 (One, finished)') as string,
    });
  });

  it('compare: says what differs, in numbers and in words', async () => {
    const { code, last } = await atelier('compare', project, 'One', 'Two', '--json');
    expect(code).toBe(0);
    expect(last).toMatchObject({
      event: 'comparison',
      runs: [
        { name: 'One', validationAccuracy: expect.any(Number) as number },
        { name: 'Two', testAccuracy: expect.any(Number) as number },
      ],
      differences: [{ recipe: [{ path: 'training.learningRate', right: 0.0001 }] }],
    });
    const { out } = await atelier('compare', project, 'One', 'Two');
    expect(out).toMatch(/^validation accuracy +\d+\.\d\d % +\d+\.\d\d %$/m);
    expect(out).toMatch(/^training\.learningRate +[\d.]+ +0\.0001$/m);
    expect(out).toMatch(/On the test part, image by image:\n(Two|One) is better by \d|No difference/);
    const same = await atelier('compare', project, 'One', 'One', '--split', 'validation', '--json');
    expect(same.last).toMatchObject({
      split: 'validation',
      paired: [{ comparison: { fixed: 0, broken: 0, better: null } }],
    });
    expect((await atelier('compare', project, 'One', 'One')).out).toContain('The recipes say the same.');
  });

  it('runs: lists, renames, annotates and deletes one, and that one only', async () => {
    expect((await atelier('runs', project, 'rename', 'Two', 'Two and a half')).code).toBe(0);
    expect((await atelier('runs', project, 'note', 'Two and a half', 'Worth\nkeeping')).code).toBe(0);
    const { out } = await atelier('runs', project);
    expect(out).toMatch(/^run-\d+ {2}Two and a half +finished +1\/1 +\d/m);
    expect(out).toMatch(/^ {4}continues run-1\n {4}Worth\n {4}keeping$/m);
    const before = (await atelier('runs', project, '--json')).last.runs as { id: string; name: string }[];
    const { id } = before.find(({ name }) => name === 'Two and a half')!;
    // The beginning of a name or id is no name to delete by.
    expect((await atelier('runs', project, 'delete', 'Two', '--json')).last).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await atelier('runs', project, 'delete', id, '--json')).last).toEqual({
      event: 'run.deleted',
      run: id,
      name: 'Two and a half',
    });
    const after = (await atelier('runs', project, '--json')).last.runs as { id: string }[];
    expect(after.map((run) => run.id)).toEqual(before.map((run) => run.id).filter((other) => other !== id));
  });

  it('logs: writes what TensorBoard reads', async () => {
    const { code, last } = await atelier('logs', project, '--run', 'One', '--json');
    expect(code).toBe(0);
    expect(last).toMatchObject({ event: 'logs.exported', run: 'run-1', epochs: 1 });
    const folder = last.path as string;
    expect(readFileSync(join(folder, readdirSync(folder)[0]!)).length).toBe(last.bytes);
    expect((await atelier('logs', project, '--run', 'One')).out).toContain('tensorboard --logdir');
  });

  it('summary: tells each layer, and fails where the budget is passed', async () => {
    const { code, out } = await atelier('summary', project, '--recipe', 'quick');
    expect(code).toBe(0);
    expect(out).toMatch(/^layer +output shape +parameters +multiply-adds +receptive field$/m);
    expect(out).toMatch(/^1\.conv +28 × 28 × 16 +[\d,]+ +[\d,]+ +3$/m);
    expect(out).toMatch(/^Parameters {5}[\d,]+, budget 100,000$/m);
    const over = await atelier(
      ...['summary', '--classes', '10', '--set', 'model.parameterBudget=1000', '--json'],
    );
    expect(over.code).toBe(1);
    expect(over.lines[0]).toMatchObject({ event: 'summary', withinBudget: false, parameterBudget: 1000 });
    expect(over.last).toMatchObject({ event: 'error', code: 'BUDGET_EXCEEDED', details: { budget: 1000 } });
  });

  it('preview: writes each image before and after the augmentation', async () => {
    const out = join(folder, 'before-after');
    const look = (...more: string[]) => atelier('preview', project, ...more, '--out', out, '--json');
    const noise = '--set=augmentation=[{"kind":"noise","probability":1,"fraction":0.5}]';
    const { code, last } = await look('train/0003', '1', '--variants', '2', noise);
    expect(code).toBe(0);
    const images = last.images as { id: number; name: string; before: string; after: string[] }[];
    expect(images.map(({ id, before, after }) => [id, before, after])).toEqual([
      [
        expect.any(Number),
        '01-train-0003-before.png',
        ['01-train-0003-after-1.png', '01-train-0003-after-2.png'],
      ],
      [1, expect.stringMatching(/^02-.*-before\.png$/), [expect.anything(), expect.anything()]],
    ]);
    expect(readdirSync(out)).toHaveLength(6);
    const bytes = (name: string) => readFileSync(join(out, name));
    for (const name of readdirSync(out)) expect(bytes(name).subarray(1, 4).toString()).toBe('PNG');
    const [{ before, after }] = images as [(typeof images)[0]];
    expect(new Set([before, ...after].map((name) => bytes(name).toString('hex'))).size).toBe(3);
    expect((await look('train/3x')).last).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('received "train/3x", which no image of the project has') as string,
    });
    expect((await look()).last).toMatchObject({ event: 'preview.finished', files: 20 });
  });

  it('find-learning-rate: names one, and the curve behind it', async () => {
    const { code, lines, last } = await atelier(
      'find-learning-rate',
      project,
      '--set',
      'training.batchSize=32',
      '--json',
    );
    expect(code).toBe(0);
    expect(lines.some(({ event }) => event === 'probe.progress')).toBe(true);
    expect(last).toMatchObject({ event: 'learning-rate.found', points: expect.any(Array) as unknown });
    expect((last.points as unknown[]).length).toBeGreaterThan(20);
  });

  it('compare-precision: compares, or says why it cannot', async () => {
    const { code, last } = await atelier(
      'compare-precision',
      project,
      '--set',
      'training.batchSize=16',
      '--json',
    );
    expect(code).toBe(0);
    expect(last).toMatchObject({ event: 'precision.compared', recommended: expect.any(Boolean) as boolean });
    expect((last.unavailable === null) === (last.bfloat16 !== null)).toBe(true);
  });

  it('embed, similar: by a run where told to, once, and the likest first', async () => {
    const none = await atelier('similar', project, '1');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('atelier embed PROJECT') as string]);
    const { code, lines, last } = await atelier('embed', project, '--by', 'One', '--json');
    expect(code).toBe(0);
    const { done, total } = (last as unknown as { embeddings: { done: number; total: number } }).embeddings;
    expect(last).toMatchObject({
      event: 'embedding.finished',
      embeddings: { by: { kind: 'run', runId: 'run-1' }, state: 'complete', jobId: null },
    });
    expect(done).toBe(total);
    expect(lines.some(({ event }) => event === 'embedding.progress')).toBe(true);
    const again = await atelier('embed', project);
    expect(again.out).toMatch(/have an embedding by run One \(run-1\)\.$/m);
    const found = (await atelier('similar', project, '1', '--count', '3', '--json')).last as unknown as {
      neighbours: { item: { id: number }; similarity: number }[];
    };
    const similarities = found.neighbours.map(({ similarity }) => similarity);
    expect(similarities).toHaveLength(3);
    expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
    expect(found.neighbours.some(({ item }) => item.id === 1)).toBe(false);
    expect((await atelier('similar', project, '1', '--count', '3')).out).toMatch(
      /^similarity +item +class +name/m,
    );
    expect((await atelier('similar', project, 'one')).code).toBe(2);
    expect((await atelier('similar', project, '999999999', '--json')).last).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('evaluate: augments at test time where told to', async () => {
    const of = async (...more: string[]) => {
      const { last } = await atelier('evaluate', project, '--run', 'One', ...more, '--json');
      return last.evaluation as { tta: string; loss: number; count: number };
    };
    const [plain, flip] = [await of(), await of('--tta', 'flip')];
    expect([plain.tta, flip.tta, flip.count]).toEqual(['none', 'flip', plain.count]);
    expect(flip.loss).not.toBe(plain.loss);
    expect(await of()).toMatchObject({ tta: 'none', loss: plain.loss });
    expect((await atelier('evaluate', project, '--run', 'One', '--tta', 'flip')).out).toMatch(
      /on test, TTA flip: \d+ of 500 right[^]*^Top-3 accuracy /m,
    );
    const shares = await atelier('evaluate', project, '--run', 'One', '--normalize', 'row');
    const [, ...rows] = shares.out
      .split('Confusion matrix, normalised by row, in per cent')[1]!
      .trim()
      .split('\n');
    const sums = rows.slice(1).map((row) =>
      row
        .match(/[\d.]+/g)!
        .slice(-10)
        .reduce((sum, value) => sum + Number(value), 0),
    );
    expect(sums.length).toBe(10);
    for (const sum of sums) expect(Math.abs(sum - 100)).toBeLessThan(0.6);
  });

  it('evaluate: agrees with the run, in numbers and in words', async () => {
    const { code, last } = await atelier('evaluate', project, '--run', 'One', '--json');
    expect(code).toBe(0);
    const { evaluation } = last as unknown as {
      evaluation: { count: number; correct: number; accuracy: number; confusion: number[][] };
    };
    expect(evaluation.count).toBe(500);
    expect(evaluation.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(500);
    expect(evaluation.confusion.reduce((sum, row, index) => sum + row[index]!, 0)).toBe(evaluation.correct);
    const { out } = await atelier('evaluate', project, '--run', 'One');
    expect(out).toContain(`${evaluation.correct} of 500 right`);
    expect(out).toMatch(/95 % interval/);
    expect(out).toMatch(/^10 Ankle boot( +\d+){10}$/m);
  });

  it('predict: answers for each file, and quotes a table against formulas', async () => {
    const image = join(folder, '=1+1.png');
    const broken = join(folder, 'broken.png');
    const table = join(folder, 'out.csv');
    writeFileSync(image, grey);
    writeFileSync(broken, 'no image');
    const { code, lines, last } = await atelier(
      ...['predict', project, image, broken, '--run', 'One', '--csv', table, '--json'],
    );
    // Not all of them were classified.
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ event: 'prediction', file: image, predicted: expect.any(String) });
    const probabilities = Object.values(lines[0]!.probabilities as Record<string, number>);
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    expect(lines[1]).toMatchObject({ event: 'prediction.failed', file: broken, code: 'IMAGE_UNREADABLE' });
    expect(last).toMatchObject({
      event: 'predict.finished',
      run: 'run-1',
      runName: 'One',
      files: 1,
      failed: 1,
      csv: table,
    });
    const [head, first, second, end] = readFileSync(table, 'utf8').split('\r\n');
    expect(head).toMatch(/^file,predicted,T-shirt\/top,.*,Ankle boot,error$/);
    expect(first!.split(',').slice(0, 2)).toEqual([image, lines[0]!.predicted]);
    expect(second).toMatch(/^[^,]+broken\.png,{12}"?Expected an image/);
    expect(end).toBe('');
    writeFileSync(table, 'mine');
    expect((await atelier('predict', project, image, '--csv', table, '--json')).last).toMatchObject({
      code: 'CONFLICT',
      details: { paths: [table] },
    });
    expect(readFileSync(table, 'utf8')).toBe('mine');
    const none = await atelier('predict', project, broken, '--csv', table, '--force', '--json');
    expect(none).toMatchObject({ code: 1, last: { event: 'error', code: 'IMAGE_UNREADABLE' } });
    expect(readFileSync(table, 'utf8')).toMatch(
      /^file,predicted,error\r\n[^,]+broken\.png,,"?Expected an image[^\r]*\r\n$/,
    );
  });

  it('predict: walks folders in the order of their names, and tells of each file', async () => {
    const set = join(folder, 'set');
    mkdirSync(join(set, 'b', 'deep'), { recursive: true });
    for (const name of ['b/deep/two', 'b/one.png', 'a.png', '.hidden.png'])
      writeFileSync(join(set, name), grey);
    writeFileSync(join(set, 'c;=cmd().txt'), 'notes');
    symlinkSync(set, join(set, 'b', 'loop'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(set, 'd.png')]);
    const table = join(set, 'out.csv');
    const { code, lines, last } = await atelier('predict', project, set, '--csv', table, '--json');
    expect(code).toBe(1);
    const told = lines.slice(0, -1).map(({ event, file }) => [event, String(file).slice(set.length + 1)]);
    expect(told).toEqual([
      ['prediction', 'a.png'],
      ['prediction', 'b/deep/two'],
      ['prediction.failed', 'b/loop'],
      ['prediction', 'b/one.png'],
      ['prediction.failed', 'c;=cmd().txt'],
      ...(process.platform === 'win32' ? [] : [['prediction.failed', 'd.png']]),
    ]);
    expect(last).toMatchObject({ event: 'predict.finished', files: 3, passedOver: 1 });
    const rows = readFileSync(table, 'utf8').split('\r\n');
    expect(rows).toHaveLength(told.length + 2);
    expect(rows[5]).toMatch(/^"[^"]*c;=cmd\(\)\.txt",,/);
    const words = await atelier('predict', project, join(set, 'a.png'), join(set, 'gone.png'));
    expect(words.code).toBe(1);
    expect(words.out).toMatch(/^2 files with run .+ \(run-\d+\); 1 failed, with the reasons above\.$/m);
    expect(words.err).toMatch(/gone\.png: Expected an image at .+ nothing is there/);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect((await atelier('predict', project, empty, '--json')).last).toMatchObject({ code: 'SOURCE_EMPTY' });
  });

  it('inspect: writes what each layer makes of an image, in the order of the layers', async () => {
    const image = join(folder, 'looked-at.png');
    const out = join(folder, 'made', 'inside');
    writeFileSync(image, grey);
    const look = (...more: string[]) =>
      atelier('inspect', project, image, '--run', 'One', '--out', out, ...more);
    const { code, last } = await look('--json');
    expect(code).toBe(0);
    expect(last).toMatchObject({ event: 'inspect.finished', run: 'run-1', image, folder: out });
    const layers = last.layers as {
      name: string;
      outputShape: number[];
      activations: string;
      filters: string | null;
      values: number[] | null;
    }[];
    const [first, end] = [layers[0]!, layers[layers.length - 1]!];
    expect(first).toMatchObject({
      activations: expect.stringMatching(/^01-[a-z0-9-]+-activations\.png$/) as string,
      filters: expect.stringMatching(/^01-[a-z0-9-]+-filters\.png$/) as string,
      values: null,
    });
    const place = String(layers.length).padStart(2, '0');
    expect(end).toMatchObject({
      name: 'classifier',
      activations: `${place}-classifier-activations.csv`,
      filters: null,
    });
    const named = layers.flatMap(({ activations, filters }) => [activations, ...(filters ? [filters] : [])]);
    expect(readdirSync(out).sort()).toEqual(named);
    expect(last.files).toBe(named.length);
    for (const name of named.filter((name) => name.endsWith('.png')))
      expect(readFileSync(join(out, name)).subarray(1, 4).toString()).toBe('PNG');
    expect(readFileSync(join(out, end.activations), 'utf8').split('\r\n')).toEqual([
      'channel,value',
      ...end.values!.map((value, index) => `${index + 1},${value}`),
      '',
    ]);

    // A second look replaces the first one's files where that is said, and leaves what else is there.
    writeFileSync(join(out, first.activations), 'old');
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const refused = await look('--json');
    expect(refused.last).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('--force') as string,
      details: { paths: expect.arrayContaining([join(out, first.activations)]) as string[] },
    });
    expect(readFileSync(join(out, first.activations), 'utf8')).toBe('old');
    const words = await look('--force');
    expect(words.code).toBe(0);
    expect(words.out).toContain(`One on ${image}: ${named.length} files in ${out}`);
    expect(words.out).toMatch(/^layer +kind +output shape +activations +filters$/m);
    expect(words.out).toMatch(/^classifier +dense +10 +\d\d-classifier-activations\.csv +–$/m);
    expect(readFileSync(join(out, first.activations)).subarray(1, 4).toString()).toBe('PNG');
    expect(readdirSync(out).sort()).toEqual([...named, 'notes.txt']);
  });

  it('inspect: leaves nothing behind of an image that is none, and refuses a file as its folder', async () => {
    const [image, broken] = [join(folder, 'looked-at.png'), join(folder, 'torn.png')];
    const out = join(folder, 'never');
    writeFileSync(image, grey);
    writeFileSync(broken, 'no image');
    expect((await atelier('inspect', project, broken, '--out', out, '--json')).last).toMatchObject({
      code: 'IMAGE_UNREADABLE',
    });
    expect((await atelier('inspect', project, `${broken}.not`, '--out', out, '--json')).last).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(existsSync(out)).toBe(false);
    expect((await atelier('inspect', project, image, '--out', image, '--json')).last).toMatchObject({
      code: 'FILE_NOT_WRITABLE',
      message: expect.stringMatching(/Choose another one with --out/) as string,
    });
    expect(readFileSync(image)).toEqual(grey);
  });

  it('export: writes a proved bundle', async () => {
    const out = join(folder, 'bundle.zip');
    const { code, last } = await atelier('export', project, '--out', out, '--json');
    expect(code).toBe(0);
    expect(last).toMatchObject({
      event: 'export.finished',
      bundle: { path: out, parity: { passed: true, labelFlips: 0 } },
    });
    expect(existsSync(out)).toBe(true);
    const notes = join(folder, 'notes.txt');
    writeFileSync(notes, 'mine');
    const refused = await atelier('export', project, '--out', notes, '--json');
    expect(refused.last).toMatchObject({ code: 'CONFLICT', details: { paths: [notes] } });
    expect(readFileSync(notes, 'utf8')).toBe('mine');
    expect((await atelier('export', project, '--out', notes, '--force')).code).toBe(0);
    expect(readFileSync(notes).subarray(0, 2).toString()).toBe('PK');
  });

  it('export: writes the format that is asked for, or that the ending of the file says', async () => {
    const out = join(folder, 'model.onnx');
    const asked = join(folder, 'asked.bin');
    const { last } = await atelier('export', project, '--out', out, '--json');
    expect(last).toMatchObject({ bundle: { path: out, format: 'onnx', parity: { passed: true } } });
    expect((await atelier('export', project, '--out', asked, '--format', 'onnx')).code).toBe(0);
    expect(readFileSync(asked).equals(readFileSync(out))).toBe(true);
    expect((await atelier('export', project, '--out', asked, '--format', 'keras')).err).toContain(
      'Expected bundle or onnx for --format, received keras.',
    );
    expect((await atelier('help', 'export')).out).toContain('    onnx: Only the model');
  });

  it('predict: a bundle answers as the run did, and a file that is none is refused', async () => {
    const image = join(folder, 'grey.png');
    writeFileSync(image, grey);
    const bundle = join(folder, 'bundle.zip');
    const fromRun = await atelier('predict', project, image, '--json');
    const { code, lines, last } = await atelier(
      'predict',
      bundle,
      image,
      join(folder, 'broken.png'),
      '--json',
    );
    expect(code).toBe(1);
    expect(last).toMatchObject({
      event: 'predict.finished',
      bundle,
      run: fromRun.last.run,
      runName: fromRun.last.runName,
      files: 1,
      failed: 1,
    });
    const words = await atelier('predict', bundle, image);
    expect(words.code).toBe(0);
    expect(words.out).toContain(
      `\n1 file with run ${String(last.runName)} (${String(last.run)}) of bundle.zip.\n`,
    );
    // One bit of a weight.
    const rotten = join(folder, 'rotten.zip');
    const bytes = readFileSync(bundle);
    bytes[bytes.indexOf('preprocessing/scale') + 2000]! ^= 1;
    writeFileSync(rotten, bytes);
    expect(await atelier('predict', rotten, image, '--json')).toMatchObject({
      code: 1,
      last: { event: 'error', code: 'BUNDLE_DAMAGED' },
    });
    const of = (line: Line | undefined) => line!.probabilities as Record<string, number>;
    for (const [name, probability] of Object.entries(of(fromRun.lines[0]))) {
      expect(of(lines[0])[name]).toBeCloseTo(probability, 4);
    }
    const forged = join(folder, 'forged.zip');
    writeFileSync(forged, 'PK no zip');
    const refused = await atelier('predict', forged, image, '--json');
    expect(refused).toMatchObject({ code: 1, last: { event: 'error', code: 'SOURCE_UNREADABLE' } });
  });

  it('split: draws the validation part anew, the same one for a seed, and leaves the test part', async () => {
    const draw = (...args: string[]) => atelier('split', project, '--group-by', 'none', ...args);
    const first = await atelier('split', project, '--json');
    expect(first.last).toMatchObject({ train: 1600, validation: 400, test: 500, validationShare: 0.2 });
    const drawn = await draw('--validation', '0.05', '--seed', '7');
    expect(drawn.code).toBe(0);
    expect(drawn.out).toMatch(
      /^train +1,900\nvalidation +100 \(5 % of what is not test data, seed 7\)\ntest +500 \(version [0-9a-f]{12}, 4 runs evaluated, /m,
    );
    const back = await draw('--validation', '20', '--seed', String(first.last.seed), '--json');
    expect(back.last).toEqual(first.last);
    // The source fixed the test part, so a larger one takes from the rest, and a smaller one needs to be asked for.
    const larger = await draw('--test', '40', '--json', '--accept-new-test');
    expect(larger.last).toMatchObject({
      train: 1200,
      validation: 300,
      test: 1000,
      fixed: 500,
      testShare: 0.4,
    });
    const smaller = await draw('--test', '10', '--fixed');
    expect(smaller.out).toMatch(/^test +250 \(version/m);
    expect(await atelier('split', project, '--fixed')).toMatchObject({ code: 2 });
    const again = await draw('--test', '0', '--fixed');
    expect(again.err).toMatch(
      /^Note: There is no test part, so runs are judged by validation images alone\./m,
    );
  });

  it('serve: prints an address that works once, and ends at Ctrl-C', async () => {
    const served = start('serve', project, '--json');
    const { url } = (await served.saw('serving')) as unknown as { url: string };
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url)).status).toBe(403);
    expect((await atelier('evaluate', project, '--json')).last).toMatchObject({ code: 'PROJECT_LOCKED' });
    served.child.kill('SIGINT');
    const { code, last, out, err } = await served.ended;
    expect([code, last.event]).toEqual([0, 'serve.finished']);
    const token = new URL(url).searchParams.get('token')!;
    expect(out.split(token)).toHaveLength(2);
    expect(err).not.toContain(token);
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
});

/** A grey PNG of 8×8 pixels. */
const grey = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR4nGNogAIGyhgAgIQgAQ2AJGEAAAAASUVORK5CYII=',
  'base64',
);
