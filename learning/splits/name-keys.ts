/**
 * What a name says of images that belong together: the folder, what the file's name begins with, or what a regular
 * expression finds in it. A key is a text; an empty one is no reason to be together. Joining images by their keys is
 * left to groups.ts, and a regular expression that takes for ever to whoever runs it: call with one in a worker.
 */
import { AtelierError } from '#contract/errors.ts';

export const fileOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Empty for a file that lies in no folder. */
export const folderOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('/')));

/** What the file's name begins with, before the separator; the name without its ending where there is none. */
export function prefixOf(name: string, separator: string): string {
  const file = fileOf(name);
  const at = file.indexOf(separator);
  return at > 0 ? file.slice(0, at) : file.replace(/\.[^.]*$/, '');
}

/** What stands for the text that images of one group share in a template. No regular expression holds it. */
const groupMark = '{group}';

/** A template of a file's name as a regular expression: `{group}` is what a group shares, `*` any text, all else itself. */
function templateExpression(template: string): string {
  const parts = template.split(groupMark);
  if (parts.length !== 2)
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected ${groupMark} once in a template of file names, received ${JSON.stringify(template)}. Write it where the name of the group stands, such as ${groupMark}_*.`,
      { pattern: template },
    );
  const literal = (text: string) => text.replace(/[\\^$.|?+()[\]{}/]/g, '\\$&').replaceAll('*', '.*');
  return `^(?:.*/)?${literal(parts[0]!)}(?<group>[^/]+?)${literal(parts[1]!)}$`;
}

/**
 * A function from a name, its folders included, to what the expression's first capture holds (one named `group` goes
 * before the first); the empty text where the expression does not match.
 * @param given a regular expression as `new RegExp` takes it, read as Unicode; or, with `{group}` in it, a template of file names
 * @throws BAD_REQUEST where it is no regular expression, or captures nothing
 */
export function patternKey(given: string): (name: string) => string {
  const pattern = given.includes(groupMark) ? templateExpression(given) : given;
  let expression: RegExp;
  let captures: number;
  try {
    expression = new RegExp(pattern, 'u');
    // An empty alternative matches anything, and so tells how many captures there are.
    captures = new RegExp(`${pattern}|`, 'u').exec('')!.length - 1;
  } catch (cause) {
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected a regular expression to group names by, received ${JSON.stringify(pattern)}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { pattern },
      { cause },
    );
  }
  if (captures === 0)
    throw new AtelierError(
      'BAD_REQUEST',
      `Expected a regular expression with a part in parentheses, whose text images of one group share, received ${JSON.stringify(pattern)}. Put that part in parentheses, such as ^(patient\\d+)_.`,
      { pattern },
    );
  return (name) => {
    const found = expression.exec(name);
    return found ? (found.groups?.['group'] ?? found[1] ?? '') : '';
  };
}
