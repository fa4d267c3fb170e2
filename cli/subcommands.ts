/**
 * A command that lists things of a project, or does something to one of them, such as `atelier runs PROJECT delete RUN`.
 * The things, the subcommands and how one is chosen are left to commands/runs.ts and commands/studies.ts.
 */
import { didYouMean } from '#contract/nearest.ts';
import { toWireError } from '#contract/errors.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Damaged } from '#contract/run.ts';
import { boundedText, type Command } from './command.ts';
import { type Output, usage } from './output.ts';
import { withProject } from './session.ts';

/** What can be done to one thing. */
export interface Subcommand<Thing> {
  words: string;
  /** Words after the subcommand's name. */
  takes: number;
  /** The last word, where it is a text: its name and the lengths it may have. */
  text?: [name: string, least: number, most: number];
  do(client: StudioClient, thing: Thing, rest: string, output: Output): Promise<void>;
  /** The same to one that cannot be read, of which the id is all that is known; where absent, that is refused. */
  toDamaged?(client: StudioClient, id: string, output: Output): Promise<void>;
}

interface Subcommands<Thing> {
  name: string;
  about: string;
  /** What stands for one of the things in the help, such as RUN. */
  noun: string;
  subcommands: Record<string, Subcommand<Thing>>;
  /** The thing a person named. @throws NOT_FOUND, CONFLICT, PROJECT_DAMAGED where `given` is the id of one that cannot be read */
  choose(client: StudioClient, given: string): Promise<Thing>;
  /** What is done where no subcommand is named. */
  list(client: StudioClient, output: Output): Promise<void>;
}

/** The command: wrong use is refused before the project is opened. */
export function commandWithSubcommands<Thing>({
  name,
  about,
  noun,
  subcommands,
  choose,
  list,
}: Subcommands<Thing>): Command {
  return {
    name,
    words: `PROJECT [${Object.keys(subcommands).join('|')} ${noun} …]`,
    about,
    needsEngine: false,
    options: {},
    least: 1,
    most: 4,
    run: ({ words: [given = '', asked, ...rest], output }) => {
      const subcommand = asked === undefined ? null : subcommandOf(name, subcommands, asked, rest);
      return withProject(given, async ({ client }) => {
        if (!subcommand) return list(client, output);
        const [named = '', last = ''] = rest;
        const thing = await choose(client, named).catch((thrown: unknown) => {
          if (subcommand.toDamaged && toWireError(thrown).code === 'PROJECT_DAMAGED') return null;
          throw thrown;
        });
        return thing
          ? subcommand.do(client, thing, last, output)
          : subcommand.toDamaged!(client, named, output);
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
function subcommandOf<Thing>(
  command: string,
  subcommands: Record<string, Subcommand<Thing>>,
  asked: string,
  rest: readonly string[],
): Subcommand<Thing> {
  const subcommand = Object.hasOwn(subcommands, asked) ? subcommands[asked] : undefined;
  if (subcommand?.takes === rest.length) {
    if (subcommand.text)
      boundedText(subcommand.text[0], rest[rest.length - 1], subcommand.text[1], subcommand.text[2]);
    return subcommand;
  }
  const known = Object.values(subcommands).map(({ words }) => words);
  throw usage(
    `Expected: atelier ${command} PROJECT [${subcommand?.words ?? known.join(' | ')}].${didYouMean(asked, Object.keys(subcommands))} See: atelier help ${command}.`,
  );
}
