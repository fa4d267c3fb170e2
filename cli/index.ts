/**
 * Entry of the command line: finds the command, reads its words, runs it, and turns what happened into an exit
 * code: 0 success, 1 failure, 2 wrong use.
 */
import { didYouMean } from '#contract/nearest.ts';
import { type Command, commonOptions, type Interruption, type Option, readWords } from './command.ts';
import { commands, hidden } from './commands.ts';
import { createOutput, exitCodeOf, type Output, usage } from './output.ts';
import { version } from './session.ts';

function find(name: string): Command {
  const found = [...commands, ...hidden].find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  throw usage(
    `There is no command ${JSON.stringify(name)}.${didYouMean(name, names)} There are: ${names.join(', ')}, help.`,
  );
}

/** @returns the exit code */
async function main(args: readonly string[], output: Output): Promise<number> {
  const [name = 'help', ...rest] = args.filter((argument, index) => !(index === 0 && argument === '--'));
  if (name === '--version' || name === 'version') {
    output.line(version());
    output.event('version', { version: version() });
    return 0;
  }
  if (name === 'help' || name === '--help' || name === '-h' || name === '--json') {
    const topic = rest.find((word) => !word.startsWith('-'));
    const lines = topic === undefined ? overview(commands, version()) : describeCommand(find(topic));
    output.lines(lines);
    output.event('help', { lines });
    return 0;
  }
  const command = find(name);
  const { words, values } = readWords(command, rest);
  if (values.help) {
    output.lines(describeCommand(command));
    output.event('help', { lines: describeCommand(command) });
    return 0;
  }
  return (await command.run({ words, values, output, signal: interruption() })) ?? 0;
}

/** The first Ctrl-C (or SIGTERM) asks the command to end well; the second ends the program, unless the command waits for more. */
function interruption(): Interruption {
  type Handler = Parameters<Interruption['onInterrupt']>[0];
  const handlers = new Set<Handler>();
  let asked = false;
  const receive = (signal: 'SIGINT' | 'SIGTERM') => {
    if (asked || handlers.size === 0) process.exit(1);
    const answers = [...handlers].map((handler) => handler(signal));
    if (answers.includes('quit')) process.exit(1);
    asked = !answers.includes('wait');
  };
  process.on('SIGINT', () => receive('SIGINT'));
  process.on('SIGTERM', () => receive('SIGTERM'));
  return {
    onInterrupt(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}

/** Ends the program once stdout has taken everything: a pipe may lag behind. */
function end(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

// Whoever reads our output may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const args = process.argv.slice(2);
const output = createOutput(args.includes('--json'));
main(args, output).then(end, (error: unknown) => {
  output.error(error);
  end(exitCodeOf(error));
});

function overview(commands: readonly Command[], version: string): string[] {
  const calls = commands.map(({ name, words }) => `atelier ${name} ${words}`.trimEnd());
  const width = Math.max(...calls.map(({ length }) => length));
  return [
    `Atelier ${version}: turns a folder of images into a small classifier.`,
    '',
    ...commands.map(({ about }, index) => `  ${calls[index]!.padEnd(width)}  ${about}`),
    '',
    'Each takes --json (one JSON event a line, the last one is the result). More: atelier help COMMAND.',
    'Exit codes: 0 success, 1 failure (code and message on the last line), 2 wrong use.',
  ];
}

function describeCommand({ name, words, about, options }: Command): string[] {
  const all = Object.entries({ ...options, ...commonOptions });
  const left = ([option, { value }]: [string, Option]) => `--${option}${value ? ` ${value}` : ''}`;
  const width = Math.max(...all.map((entry) => left(entry).length));
  return [
    `atelier ${name} ${words}`.trimEnd(),
    `  ${about}`,
    '',
    ...all.flatMap((entry) => [
      `  ${left(entry).padEnd(width)}  ${entry[1].about}`,
      ...(entry[1].choices ?? []).map(([value, about]) => `    ${value}: ${about}`),
    ]),
  ];
}
