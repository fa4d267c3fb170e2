/**
 * Names that speak to a terminal, through every command: of files, classes, runs, bundles, projects, and of arguments
 * that are refused. What is stored of them is others' to say; here, nothing of them reaches the terminal as it is.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from '#engine/testing.ts';
import { commands } from './commands.ts';

/** A window's title, a colour in C1, a turn of direction, a bell; and a line of its own. */
const hostile = '\u001b]0;owned\u0007\u009b31m\u202egnp\n\u007fDone.';
/** What a terminal obeys. Line breaks between lines are the program's own. */
const raw = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** The line that the name would have made. */
const forged = /^.?Done\./m;

const folder = mkdtempSync(join(tmpdir(), 'atelier-hostile-'));
const at = (...names: string[]) => join(folder, ...names);
const [project, image, zip] = [at(`${hostile}.atelier`), at(`${hostile}.png`), at(`${hostile}.zip`)];
let script: string;
let environment: NodeJS.ProcessEnv;

interface Said {
  code: number;
  text: string;
}
/** Takes its own time; the last resort against one that waits for ever. */
const patience = 120_000;
const atelier = (...args: string[]) =>
  new Promise<Said>((resolve) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { env: environment, timeout: patience, encoding: 'utf8' },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, text: out + err }),
    );
  });

beforeAll(async () => {
  script = await bundle('cli/index.ts');
  const xdg = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  environment = {
    ...process.env,
    HOME: folder,
    XDG_CONFIG_HOME: at('config'),
    ATELIER_CACHE: process.env.ATELIER_CACHE || join(xdg, 'atelier'),
    ATELIER_STATE: at('state.json'),
    ATELIER_WORKER: await bundle('engine/worker/index.ts'),
  };
  // Two classes, one of them hostile; in each a file of a hostile name, and one that is no image.
  for (const [shade, name] of [`${hostile}class`, 'plain', 'dark'].entries()) {
    const place = at('images', name);
    mkdirSync(place, { recursive: true });
    for (let index = 0; index < 20; index += 1) {
      const pixels = Buffer.alloc(64 * 3, 80 * shade + index);
      const file = join(place, `${index % 2 ? hostile : 'n'}${index}.png`);
      await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
        .png()
        .toFile(file);
    }
    writeFileSync(join(place, `${hostile}broken.png`), 'no image');
  }
  mkdirSync(at('tfjs'));
  writeFileSync(at('tfjs', `${hostile}.json`), JSON.stringify(hostileModel));
  await sharp(Buffer.alloc(192, 7), { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toFile(image);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A model of TensorFlow.js whose layer, kind of layer and input have hostile names. */
const hostileModel = {
  format: 'layers-model',
  modelTopology: {
    class_name: 'Sequential',
    config: {
      layers: [
        {
          class_name: hostile,
          config: { name: hostile, batch_input_shape: [null, 32, 32, 3] },
        },
      ],
    },
  },
  weightsManifest: [],
};

it.skipIf(process.platform === 'win32')(
  'no name of any kind reaches the terminal raw, whatever the command',
  async () => {
    const quick = ['--recipe', 'quick', '--set', 'training.epochs=1'];
    const calls: string[][] = [
    ['new', project, '--from', at('images')],
    ['new', project, '--from', at('images'), '--json'],
    ['import', project, at('images', `${hostile}nowhere`)],
    ['import', project, at('images')],
    ['sources', project],
    ['sources', project, 'relink', '1', at(`${hostile}nowhere`)],
    ['sources', project, 'remove-images', hostile],
    ['split', project, '--validation', '20'],
    ['classes', project],
    ['classes', project, 'add', hostile],
    ['images', project, hostile, '--save', hostile],
    ['images', project, '--view', hostile, 'sort:-name'],
    ['images', project, '--sheet', at(`${hostile}.png`)],
    ['images', project, '--delete-view', hostile],
    ['labels', project, '--in', at(`${hostile}.csv`)],
    ['labels', project, '--out', at(`${hostile}labels.csv`)],
    ['backbones'],
    ['backbones', 'add', at(`${hostile}.onnx`)],
    ['backbones', 'add', at('tfjs', `${hostile}.json`)],
    ['backbones', 'remove', hostile],
    ['embed', project, '--by', hostile],
    ['similar', project, hostile],
    ['recipe', hostile],
    ['recipe', '--recipe', at(`${hostile}.json`)],
    ['summary', project, '--recipe', at(`${hostile}.json`)],
    ['summary', project, ...quick, '--set', `name=${hostile}`],
    ['preview', project, '--out', at(hostile), ...quick],
    ['find-learning-rate', project, '--recipe', hostile],
    ['compare-precision', project, '--set', `${hostile}=1`],
    ['train', project, ...quick, '--name', hostile, '--note', `${hostile}\nsecond line`],
    ['train', project, ...quick, '--name', 'plain'],
    ['train', project, '--continue', hostile],
    ['runs', project],
    ['runs', project, 'show', hostile],
    ['runs', project, 'note', 'plain', hostile],
    ['runs', project, hostile],
    ['runs', project, '--json'],
    ['compare', project, hostile, 'plain'],
    ['logs', project, '--run', hostile],
    ['cross-validate', project, '--name', hostile, '--resume', hostile],
    ['search', project, '--name', hostile, '--resume', hostile],
    ['learning-curve', project, '--shares', hostile],
    ['studies', project, 'show', hostile],
    ['evaluate', project, '--run', hostile],
    ['evaluate', project],
    ['evaluate', project, '--json'],
    ['what-if', project, '--run', 'plain', '--merge', hostile],
    ['what-if', project, '--run', 'plain'],
    ['improve', project, '--run', hostile],
    ['improve', project, '--run', 'plain'],
    ['findings', project],
    ['findings', project, '--run', hostile],
    ['calibrate', project, '--run', hostile],
    ['calibrate', project, '--run', 'plain'],
    ['slices', project, '--run', hostile],
    ['robustness', project, '--run', hostile, '--images', '2'],
    ['explain', project, image, hostile, '--run', hostile],
    ['explain', project, image, '--run', 'plain', '--class', hostile],
    ['explain', project, image, '--run', 'plain', '--nearest', '3', '--out', at(`${hostile}heat`)],
    ['report', project, '--run', hostile, '--out', at(`${hostile}report`)],
    ['replay', project, '--run', hostile],
    ['inspect', project, image, '--run', 'plain', '--out', at(`${hostile}layers`)],
    ['predict', project, image, at('images'), at(`${hostile}gone`), '--csv', at(`${hostile}.csv`)],
    ['predict', project, image, at('images', 'plain'), '--json'],
    ['export', project, '--run', 'plain', '--out', zip],
    ['predict', zip, image, at('images')],
    ['predict', at(`${hostile}none.zip`), image],
    ['serve', at(`${hostile}nowhere`)],
    ['doctor', `--${hostile}`],
    ['bench', '--part', hostile],
    ['help', hostile],
    [hostile],
  ]; // prettier-ignore
    expect(new Set(calls.map(([name]) => name))).toEqual(
      new Set([...commands.map(({ name }) => name), 'help', hostile]),
    );
    const shown: string[] = [];
    const codes = new Map<string, number>();
    for (const call of calls) {
      const { code, text } = await atelier(...call);
      codes.set(call.join(' '), code);
      expect([call, raw.exec(text)?.[0] ?? null]).toEqual([call, null]);
      expect([call, forged.exec(text)?.[0] ?? null]).toEqual([call, null]);
      if (text.includes(String.raw`\x1b]0;owned\x07\x9b31m\u202egnp`) || text.includes('\\u001b]0;owned'))
        shown.push(call[0]!);
    }
    // They were really there: most commands had something to show of them, and the work itself was done.
    expect(new Set(shown).size).toBeGreaterThan(12);
    expect(codes.get(calls[0]!.join(' '))).toBe(0);
    expect(codes.get(['export', project, '--run', 'plain', '--out', zip].join(' '))).toBe(0);
    expect(readdirSync(folder)).toContain(`${hostile}.zip`);
  },
  600_000,
);
