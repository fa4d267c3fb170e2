/** `atelier bench`: how fast this machine trains, beside its peers. Measuring itself is left to bench/. */
import { type Command, wholeNumber } from '../command.ts';

/** Hidden command: one mode, in a process of its own, started by `bench`. */
export const benchModeCommand: Command = {
  name: 'bench-mode',
  words: 'MODE',
  about: 'measure one mode; started by bench',
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
  about: 'measure images per second of a training step, beside tfjs alone and PyTorch',
  options: {
    rounds: { type: 'string', value: 'N', about: 'rounds of each mode' },
    seconds: { type: 'string', value: 'N', about: 'seconds of one round' },
    threads: { type: 'string', value: 'N', about: 'threads of each mode' },
  },
  least: 0,
  most: 0,
  async run({ values, output }) {
    const rounds = wholeNumber('rounds', values.rounds, 1, 100);
    const seconds = wholeNumber('seconds', values.seconds, 1, 600);
    const threads = wholeNumber('threads', values.threads, 1, 1024);
    // Loaded here only: no other command pays for it.
    const { runBench } = await import('../../bench/index.ts');
    const result = await runBench(
      {
        self: [process.execPath, process.argv[1]!, benchModeCommand.name],
        ...(rounds === undefined ? {} : { rounds }),
        ...(seconds === undefined ? {} : { seconds }),
        ...(threads === undefined ? {} : { threads }),
      },
      (line) => {
        output.event('bench.line', { line });
        output.line(line);
      },
    );
    output.event('bench.finished', { ...result });
  },
};
