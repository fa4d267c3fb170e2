/** What `atelier help` says: generated from the commands themselves, so that it cannot be wrong. */
import { type Command, commonOptions, type Option } from '../command.ts';
import { table } from '../output.ts';

export function overview(commands: readonly Command[], version: string): string[] {
  return [
    `Atelier ${version}: turns a folder of images into a small classifier.`,
    '',
    ...table([...commands.map(({ name, words }) => [`atelier ${name} ${words}`.trimEnd()])]).map(
      (line, index) => {
        const width = Math.max(...commands.map(({ name, words }) => `atelier ${name} ${words}`.length));
        return `  ${line.padEnd(width)}  ${commands[index]!.about}`;
      },
    ),
    '',
    'Each takes --json (one JSON event a line, the last one is the result). More: atelier help COMMAND.',
    'Exit codes: 0 success, 1 failure (code and message on the last line), 2 wrong use.',
  ];
}

export function describeCommand({ name, words, about, options }: Command): string[] {
  const all = Object.entries({ ...options, ...commonOptions });
  const left = ([option, { value }]: [string, Option]) => `--${option}${value ? ` ${value}` : ''}`;
  const width = Math.max(...all.map((entry) => left(entry).length));
  return [
    `atelier ${name} ${words}`.trimEnd(),
    `  ${about}`,
    '',
    ...all.map((entry) => `  ${left(entry).padEnd(width)}  ${entry[1].about}`),
  ];
}
