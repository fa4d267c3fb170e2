/**
 * A person's own backbone on the command line, from a file to an exported bundle, as processes on the real engine: one that
 * Atelier itself exported, one as another program writes it, and one of TensorFlow.js.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import { bundle } from '#engine/testing.ts';
import { OnnxDraft, residualNetwork } from '#learning/backbones/testing-onnx.ts';
import { GraphDraft, hubNetwork, writeModel } from '#learning/backbones/testing-tfjs.ts';
import { unzip } from '#learning/files/unzip.ts';

const root = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'atelier-backbones-'));
const cache =
  process.env.ATELIER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'atelier');
const project = join(folder, 'P.atelier');
let cli: { script: string; worker: string };

interface Ended {
  code: number;
  out: string;
  err: string;
  events: Record<string, unknown>[];
}

function atelier(...args: string[]): Promise<Ended> {
  const env = {
    ...process.env,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    ATELIER_CACHE: join(folder, 'cache'),
    ATELIER_STATE: join(folder, 'state.json'),
    ATELIER_WORKER: cli.worker,
  };
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [cli.script, ...args],
      { cwd: root, env, maxBuffer: 2 ** 26 },
      (error, out, err) => {
        const lines = args.includes('--json') ? out.split('\n').slice(0, -1) : [];
        const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
        resolve({ code: error ? Number(error.code ?? -1) : 0, out, err, events });
      },
    ),
  );
}
/** The last event of a command that must do its work. */
async function done(...args: string[]): Promise<Record<string, unknown>> {
  const { code, events, err } = await atelier(...args, '--json');
  expect(code, err).toBe(0);
  return events.at(-1)!;
}
const path = (name: string) => join(folder, name);
const recipeIn = (files: Map<string, Buffer>) => JSON.parse(files.get('recipe.json')!.toString()) as Recipe;

beforeAll(async () => {
  mkdirSync(path('cache'));
  // The engine alone: what is added here stays here.
  if (existsSync(join(cache, 'tensorflow')))
    symlinkSync(join(cache, 'tensorflow'), join(path('cache'), 'tensorflow'));
  cli = { script: await bundle('cli/index.ts'), worker: await bundle('engine/worker/index.ts') };
  await done('new', project, '--from', join(root, 'resources', 'fashion-mnist-small'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

interface Gone {
  accuracy: number;
  files: Map<string, Buffer>;
}

/** Trains on it, judges it, asks it and exports it. @returns what came of it, once the tests have run */
function goesThroughAll(backbone: string, name: string, ...more: string[]): Partial<Gone> {
  const gone: Partial<Gone> = {};
  const run = ['--run', name];
  const out = path(`${name}.zip`);
  it(`${name}: trains`, async () => {
    // These networks have no batch norm left: Adam suits them.
    const adam = ['--set', 'training.optimizer={"kind":"adam"}', '--set', 'training.learningRate=0.01'];
    const few = ['--set', 'training.epochs=3', '--set', 'augmentation=[]', ...adam];
    const last = await done('train', project, '--backbone', backbone, '--name', name, ...few, ...more);
    expect(last).toMatchObject({ event: 'run.finished' });
  });
  it(`${name}: is evaluated`, async () => {
    const { evaluation } = (await done('evaluate', project, ...run)) as { evaluation: { accuracy: number } };
    gone.accuracy = evaluation.accuracy;
  });
  it(`${name}: predicts`, async () => {
    const last = await done('predict', project, path('tried.png'), ...run);
    expect(last).toMatchObject({ event: 'predict.finished', files: 1, failed: 0 });
  });
  it(`${name}: is exported, and another runtime answers alike`, async () => {
    const last = await done('export', project, ...run, '--out', out);
    expect(last).toMatchObject({ bundle: { parity: { passed: true, labelFlips: 0 } } });
    gone.files = await unzip(out);
  });
  it(`${name}: answers from its bundle`, async () => {
    expect(await done('predict', out, path('tried.png'))).toMatchObject({ files: 1, failed: 0 });
  });
  return gone;
}

describe('a backbone of Atelier’s own export', () => {
  let model = '';
  let name = '';

  it('is read from its model.onnx without being told anything, and shown before it is kept', async () => {
    await done('train', project, '--recipe', 'quick', '--name', 'First', '--set', 'training.epochs=2');
    await done('export', project, '--run', 'First', '--out', path('first.zip'));
    const files = await unzip(path('first.zip'));
    model = path('model.onnx');
    writeFileSync(model, files.get('model.onnx')!);
    writeFileSync(path('tried.png'), [...files].find(([file]) => file.startsWith('golden/0'))![1]);
    const { code, out } = await atelier('backbones', 'add', model, '--name', 'studio');
    expect(code).toBe(0);
    expect(out).toMatch(/Input +28 × 28 pixels, grey/);
    expect(out).toMatch(/Features +\d+ numbers: what the last layer, Gemm "classifier", looks at/);
    expect(out).toMatch(/Nothing was kept yet\. If this is right, give the same command with --yes\./);
    expect((await atelier('backbones')).out).not.toContain('studio');
  });

  it('is added, listed, and named by doctor', async () => {
    ({ name } = (await done('backbones', 'add', model, '--name', 'studio', '--licence', 'MIT', '--yes')) as {
      name: string;
    });
    expect(name).toMatch(/^studio@[0-9a-f]{12}$/);
    expect((await atelier('backbones', 'list')).out).toMatch(
      new RegExp(`${name} +model.onnx, MIT, SHA-256 `),
    );
    expect((await atelier('doctor')).out).toContain(name);
  });

  const own = goesThroughAll('studio', 'Own');

  it('is in the recipe and the card, with its source and licence', () => {
    // It has learned on these very images: a head finds most of them again.
    expect(own.accuracy).toBeGreaterThan(0.6);
    const { model: exported, training } = recipeIn(own.files!);
    expect(exported.backbone).toBe(name);
    expect(training.frozenLayers).toBe(exported.layers.length - 1);
    expect(own.files!.get('README.md')!.toString()).toContain(
      'Begun with the weights of studio: model.onnx, MIT, SHA-256 ',
    );
    expect(own.files!.has('LICENSE-backbone.txt')).toBe(false);
  });

  it('gives embeddings', async () => {
    const { out } = await atelier('embed', project, '--by', 'studio');
    expect(out).toContain(`2,500 of 2,500 images have an embedding by ${name}.`);
  });

  it('is removed; what began with it goes on, and what would begin with it is told', async () => {
    expect((await atelier('backbones', 'remove', 'studio')).out).toContain(`Removed ${name}.`);
    expect((await atelier('train', project, '--backbone', 'studio')).err).toContain(
      'Expected the name of a backbone for --backbone, received studio. See: atelier backbones.',
    );
    expect((await atelier('train', project, '--backbone', name, '--json')).events.at(-1)).toMatchObject({
      code: 'BACKBONE_NOT_FOUND',
    });
    expect(await done('evaluate', project, '--run', 'Own')).toMatchObject({ event: 'evaluation.finished' });
    await done('export', project, '--run', 'Own', '--out', path('again.zip'));
    expect((await unzip(path('again.zip'))).get('README.md')!.toString()).toContain(
      'Begun with the weights of studio\n',
    );
  });
});

describe('a backbone of another program', () => {
  it('is refused without a word on its pixels, and for a file that is none', async () => {
    const draft = new OnnxDraft();
    const { answer } = residualNetwork(draft, draft.input('image', ['batch', 3, 'height', 'width']));
    writeFileSync(path('other.onnx'), draft.encode(answer));
    const refusals = [
      [[path('other.onnx')], 'Give the size that the network was trained at with --size 224 (or 224x192).'],
      [[path('other.onnx'), '--size', '32'], 'Give --pixels imagenet|0..1|-1..1|0..255'],
      [[join(root, 'package.json')], 'Name the model.json that tensorflowjs_converter or model.save'],
      [[join(root, 'LICENSE')], 'one that is cut off or no ONNX file at all'],
      [[root], 'Name the .onnx file or the model.json itself.'],
      [[path('none.onnx')], 'could not be read (ENOENT)'],
      [
        [path('other.onnx'), '--pixels', 'rgb'],
        'Expected --pixels imagenet|0..1|-1..1|0..255, received "rgb".',
      ],
      [[path('other.onnx'), '--mean', '0.5'], 'Expected --pixels, or --mean and --std together.'],
    ] as const;
    for (const [words, message] of refusals) {
      const { code, err } = await atelier('backbones', 'add', ...words);
      expect(err).toContain(message);
      expect(code).toBeGreaterThan(0);
    }
    expect((await atelier('backbones', 'ad')).err).toContain('Did you mean add?');
  });

  it('is added with its size and pixels', async () => {
    const other = path('other.onnx');
    await done('backbones', 'add', other, '--size', '32', '--pixels', 'imagenet', '--yes');
  });

  const frozen = goesThroughAll('other', 'Frozen');
  const tuned = goesThroughAll('other', 'Tuned', '--set', 'training.frozenLayers=1');

  it('is a head’s frozen features, or is trained too from where the freeze ends', () => {
    // A tenth of 500 images is chance, give or take a hundredth; what learns behind the freeze answers otherwise than a head alone.
    expect(frozen.accuracy).toBeGreaterThan(0.15);
    expect(tuned.accuracy).toBeGreaterThan(0.15);
    expect(tuned.accuracy).not.toBe(frozen.accuracy);
    const { preprocessing, model } = recipeIn(tuned.files!);
    expect(preprocessing).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(model.layers.map(({ kind }) => kind)).toEqual(['imported', 'imported', 'imported', 'dropout']);
  });
});

describe('a backbone of TensorFlow.js', () => {
  let model = '';

  it('is called as its folder, and shown with what it does to its input itself', async () => {
    const draft = new GraphDraft();
    const { answer } = hubNetwork(draft, draft.placeholder([-1, 32, 32, 3]));
    model = await writeModel(path('hub'), draft.artifacts(answer), { shardBytes: 500 });
    const asked = await atelier('backbones', 'add', model);
    expect(asked.err).toContain('The file itself multiplies its input by 2.000 and adds -1.000.');
    const { code, out } = await atelier('backbones', 'add', model, '--pixels', '0..1');
    expect(code).toBe(0);
    expect(out).toMatch(/Name +hub@[0-9a-f]{12}\n/);
    expect(out).toMatch(/File +model\.json, SHA-256 [0-9a-f]{64} \(with its weights\)\n/);
    expect(out).toMatch(/mean 0\.5, 0\.5, 0\.5, std 0\.5, 0\.5, 0\.5, red first\n/);
    expect(out).toMatch(/Features +12 numbers: what the last layer, _FusedConv2D ".*", looks at\n/);
    await done('backbones', 'add', model, '--pixels', '0..1', '--yes');
  });

  const hub = goesThroughAll('hub', 'Hub', '--set', 'training.frozenLayers=1');

  it('is in the card', () => {
    expect(hub.accuracy).toBeGreaterThan(0.15);
    expect(hub.files!.get('README.md')!.toString()).toContain(
      'Begun with the weights of hub: model.json, licence not told, SHA-256 ',
    );
  });
});
