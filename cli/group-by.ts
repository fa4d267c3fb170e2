/** `--group-by`: which images a person says belong together, beside those that look alike; and the search for groups, followed. */
import { resolve } from 'node:path';
import { followJob } from '#contract/follow.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { GroupBy, type GroupFacts, GroupKey, type GroupTable } from '#contract/splits.ts';
import { patternKey } from '#learning/splits/name-keys.ts';
import { type Option, text, type Values } from './command.ts';
import { count, jobProgress, type Output, usage } from './output.ts';

export const groupByOption: Option = {
  type: 'string',
  value: 'HOW',
  about:
    'images that belong together, beside copies: near-duplicates (those that look alike; if absent, as before or this), and with them folder, prefix:TEXT (names alike up to TEXT), pattern:EXPRESSION (a regular expression with a part in parentheses, or a template such as {group}_*.jpg), csv:FILE:COLUMN; none: no others',
};

/** What was asked. `by` null: copies and groups of the source alone. */
export interface AskedGroups {
  by: GroupBy | null;
  table?: GroupTable;
}

/** undefined where it is not given. @throws USAGE */
export function askedGroups(values: Values): AskedGroups | undefined {
  const given = text(values['group-by']);
  if (given === undefined) return undefined;
  if (given === 'none') return { by: null };
  const [kind = '', rest = ''] = split(given, ':');
  const key = (fields: object): AskedGroups => {
    const read = GroupKey.safeParse(fields);
    if (!read.success) throw wrong(given);
    return { by: GroupBy.parse({ key: read.data }) };
  };
  switch (kind) {
    case 'near-duplicates':
    case 'folder':
      if (given !== kind) throw wrong(given);
      return key({ kind: kind === 'folder' ? 'folder' : 'none' });
    case 'prefix':
      return key({ kind, separator: rest });
    case 'pattern':
      try {
        patternKey(rest);
      } catch (thrown) {
        throw usage((thrown as Error).message);
      }
      return key({ kind, pattern: rest });
    case 'csv': {
      const at = rest.lastIndexOf(':');
      if (at <= 0) throw wrong(given);
      const table: GroupTable = { kind: 'path', path: resolve(rest.slice(0, at)) };
      return { ...key({ kind: 'column', column: rest.slice(at + 1) }), table };
    }
    default:
      throw wrong(given);
  }
}

const split = (given: string, mark: string): string[] => {
  const at = given.indexOf(mark);
  return at < 0 ? [given] : [given.slice(0, at), given.slice(at + mark.length)];
};

const wrong = (given: string) =>
  usage(
    `Expected --group-by near-duplicates, folder, prefix:TEXT (up to 8 characters), pattern:EXPRESSION, csv:FILE:COLUMN or none, received ${JSON.stringify(given)}.`,
  );

/** Finds groups and keeps them in the project. */
export async function findGroups(
  client: StudioClient,
  { by, table }: { by: GroupBy; table?: GroupTable | undefined },
  output: Output,
): Promise<GroupFacts> {
  await followJob(
    client,
    () => client.splits.group({ by, ...(table && { table }) }),
    jobProgress(output, ({ kind }) => kind === 'group', 'Finding groups', 'group.progress'),
  );
  return (await client.splits.get()).groups!;
}

/** "Groups: 41 of 103 images, …", and what could not be taken of a table. */
export function tellGroups(facts: GroupFacts, output: Output): void {
  const { groups, images, largest, seenBy, by, unmatched } = facts;
  const how = by.lookAlikes ? `, look-alikes by ${seenBy}` : '';
  const most = largest[0] ? `, the largest of ${count(largest[0].images)}` : '';
  output.line(`groups      ${count(groups)} of ${count(images)} images together${most}${how}`);
  if (unmatched > 0)
    output.note(`Note: ${count(unmatched)} rows of the table name no image of the project, or several.`);
}
