/** `atelier bench`: how fast this machine trains and imports, beside its peers. Measuring itself is left to bench/. */
import { type Command, text, wholeNumber } from '../command.ts';
import { locateSource } from '#engine/intake/locate.ts';
import { usage } from '../output.ts';

/** Hidden command: one mode, in a process of its own, started by `bench`. */
export const benchModeCommand: Command = {
  name: 'bench-mode',
  words: 'MODE',
  about: 'measure one mode; started by bench',
  needsEngine: true,
  options: {},
  least: 1,
  most: 1,
  async run({ words: [mode = ''] }) {
    const { runBenchMode } = await import('../../bench/index.ts');
    await runBenchMode(mode, (line) => process.stdout.write(`${line}\n`));
  },
};

export const benchCommand: Command = {
  name: 'bench',
  words: '',
  about:
    'measure a training step and an augmented epoch beside PyTorch, where the time goes, importing beside Pillow, and features of a backbone beside onnxruntime',
  needsEngine: true,
  options: {
    rounds: { type: 'string', value: 'N', about: 'rounds of each mode' },
    seconds: { type: 'string', value: 'N', about: 'seconds of one round' },
    part: {
      type: 'string',
      value: 'PART',
      about: 'steps, epoch, profile, intake or backbone; all where absent',
    },
    images: { type: 'string', value: 'N', about: 'images of the epoch' },
    threads: { type: 'string', value: 'N', about: 'threads of each mode' },
    folder: {
      type: 'string',
      value: 'FOLDER',
      about: 'pictures to import, a folder per class; made where absent',
    },
  },
  least: 0,
  most: 0,
  async run({ values, output }) {
    const rounds = wholeNumber('rounds', values.rounds, 1, 100);
    const seconds = wholeNumber('seconds', values.seconds, 1, 600);
    const threads = wholeNumber('threads', values.threads, 1, 1024);
    const images = wholeNumber('images', values.images, 512, 60_000);
    // Loaded here only: no other command pays for it.
    const { benchParts, isPart, runBench } = await import('../../bench/index.ts');
    const part = text(values.part);
    if (part !== undefined && !isPart(part)) {
      throw usage(`Expected one of ${benchParts.join(', ')} for --part, received ${JSON.stringify(part)}.`);
    }
    const folder = text(values.folder);
    const result = await runBench(
      {
        self: [process.execPath, process.argv[1]!, benchModeCommand.name],
        ...(part === undefined ? {} : { parts: [part] }),
        ...(images === undefined ? {} : { images }),
        ...(rounds === undefined ? {} : { rounds }),
        ...(seconds === undefined ? {} : { seconds }),
        ...(threads === undefined ? {} : { threads }),
        ...(folder === undefined ? {} : { folder: locateSource(folder) }),
      },
      (line) => {
        output.event('bench.line', { line });
        output.line(line);
      },
    );
    output.event('bench.finished', { ...result });
  },
};
