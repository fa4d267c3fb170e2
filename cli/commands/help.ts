/** What `atelier help` says: generated from the commands themselves, so that it cannot be wrong. */
import { type Command, commonOptions, type Option } from '../command.ts';

export function overview(commands: readonly Command[], version: string): string[] {
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

export function describeCommand({ name, words, about, options }: Command): string[] {
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
