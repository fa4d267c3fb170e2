/**
 * A command that lists things of a project, or does a deed to one of them, such as `atelier runs PROJECT delete RUN`.
 * The things, the deeds and how one is chosen are the affair of commands/runs.ts and commands/studies.ts.
 */
import type { StudioClient } from '#contract/rpc.ts';
import { boundedText, type Command, nearest } from './command.ts';
import { type Output, usage } from './output.ts';
import { openProject, withStudio } from './session.ts';

/** What can be done to one thing. */
export interface Deed<Thing> {
  words: string;
  /** Words after the deed's name. */
  takes: number;
  /** The last word, where it is a text: its name and the lengths it may have. */
  text?: [name: string, least: number, most: number];
  do(client: StudioClient, thing: Thing, rest: string, output: Output): Promise<void>;
}

export interface Deeds<Thing> {
  name: string;
  about: string;
  /** What stands for one of the things in the help, such as RUN. */
  noun: string;
  deeds: Record<string, Deed<Thing>>;
  /** The thing a person named. @throws NOT_FOUND, CONFLICT */
  choose(client: StudioClient, given: string): Promise<Thing>;
  /** What is done where no deed is named. */
  list(client: StudioClient, output: Output): Promise<void>;
}

/** The command: wrong use is refused before the project is opened. */
export function deedsCommand<Thing>({ name, about, noun, deeds, choose, list }: Deeds<Thing>): Command {
  return {
    name,
    words: `PROJECT [${Object.keys(deeds).join('|')} ${noun} …]`,
    about,
    options: {},
    least: 1,
    most: 4,
    run: ({ words: [given = '', asked, ...rest], output }) => {
      const deed = asked === undefined ? null : deedOf(name, deeds, asked, rest);
      return withStudio(async ({ client }) => {
        await openProject(client, given);
        if (deed) return deed.do(client, await choose(client, rest[0]!), rest[1] ?? '', output);
        return list(client, output);
      });
    },
  };
}

/** @throws USAGE */
function deedOf<Thing>(
  command: string,
  deeds: Record<string, Deed<Thing>>,
  asked: string,
  rest: readonly string[],
): Deed<Thing> {
  const deed = Object.hasOwn(deeds, asked) ? deeds[asked] : undefined;
  if (deed?.takes === rest.length) {
    if (deed.text) boundedText(deed.text[0], rest[rest.length - 1], deed.text[1], deed.text[2]);
    return deed;
  }
  const near = deed ? null : nearest(asked, Object.keys(deeds));
  const known = Object.values(deeds).map(({ words }) => words);
  throw usage(
    `Expected: atelier ${command} PROJECT [${deed?.words ?? known.join(' | ')}].${near ? ` Did you mean ${near}?` : ''} See: atelier help ${command}.`,
  );
}
