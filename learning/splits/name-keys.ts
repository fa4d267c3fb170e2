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

/**
 * A function from a name, its folders included, to what the expression's first capture holds (one named `group` goes
 * before the first); the empty text where the expression does not match.
 * @param pattern as `new RegExp` takes it, read as Unicode
 * @throws BAD_REQUEST where it is no regular expression, or captures nothing
 */
export function patternKey(pattern: string): (name: string) => string {
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
