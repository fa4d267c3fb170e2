/**
 * A command that lists things of a project, or does a deed to one of them, such as `atelier runs PROJECT delete RUN`.
 * The things, the deeds and how one is chosen are the affair of commands/runs.ts and commands/studies.ts.
 */
import { toWireError } from '#contract/errors.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Damaged } from '#contract/run.ts';
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
  /** The same to one that cannot be read, of which the id is all that is known; where absent, that is refused. */
  toDamaged?(client: StudioClient, id: string, output: Output): Promise<void>;
}

export interface Deeds<Thing> {
  name: string;
  about: string;
  /** What stands for one of the things in the help, such as RUN. */
  noun: string;
  deeds: Record<string, Deed<Thing>>;
  /** The thing a person named. @throws NOT_FOUND, CONFLICT, PROJECT_DAMAGED where `given` is the id of one that cannot be read */
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
    needsEngine: false,
    options: {},
    least: 1,
    most: 4,
    run: ({ words: [given = '', asked, ...rest], output }) => {
      const deed = asked === undefined ? null : deedOf(name, deeds, asked, rest);
      return withStudio(async ({ client }) => {
        await openProject(client, given);
        if (!deed) return list(client, output);
        const [named = '', last = ''] = rest;
        const thing = await choose(client, named).catch((thrown: unknown) => {
          if (deed.toDamaged && toWireError(thrown).code === 'PROJECT_DAMAGED') return null;
          throw thrown;
        });
        return thing ? deed.do(client, thing, last, output) : deed.toDamaged!(client, named, output);
      });
    },
  };
}

/** A line for each that lists leave out since it cannot be read, under the list; its message says what to do about it. */
export function tellDamaged(damaged: readonly Damaged[], output: Output): void {
  if (damaged.length > 0) output.line();
  for (const { id, error } of damaged) output.line(`${id}  ${error.message}`);
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
