/**
 * Rows that cannot be read any more: how that is noticed, and lists in which one of them does not hide the others.
 * Deleting one by its id is left to runs.ts and studies.ts.
 */
import type * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import type { Damaged } from '#contract/run.ts';
import { textOf } from './database-problems.ts';
import { visible } from '#contract/visible.ts';

const told = new Set<string>();

/** What a column of JSON holds. What is no JSON stays text, which none of the fields kept as JSON may be. */
export function jsonOf(text: string | null): unknown {
  if (text === null) return null;
  if (typeof text !== 'string') return textOf(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What `schema` makes of a row's fields. @throws PROJECT_DAMAGED, naming the first field that cannot be read */
export function readFields<Schema extends z.ZodType>(
  schema: Schema,
  kind: 'run' | 'study',
  fields: { id: string } & Record<string, unknown>,
): z.output<Schema> {
  const read = schema.safeParse(fields);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  const [field] = path.map(String);
  const reason = path.length > 1 ? `${path.join('.')}: ${message}` : message;
  throw new AtelierError(
    'PROJECT_DAMAGED',
    `Expected a ${kind} that can be read, but the ${field} of ${textOf(fields.id)} cannot be (${reason}). Put back a copy of project.sqlite, or delete the ${kind}.`,
    { [`${kind}Id`]: textOf(fields.id) },
  );
}

/**
 * What `read` makes of the rows that are whole. The others are named on standard error, once each; `damagedOnes` tells
 * of them, they can still be asked for by name, which says what is wrong with them, and be deleted.
 */
export function wholeOnes<Row extends { id: string }, T>(rows: readonly Row[], read: (row: Row) => T): T[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (thrown) {
      const { message } = damageOf(thrown);
      if (!told.has(message)) process.stderr.write(`${visible(message)}\n`);
      told.add(message);
      return [];
    }
  });
}

/** The rows that `wholeOnes` leaves out, each with what is wrong with it. */
export function damagedOnes<Row extends { id: string }>(
  rows: readonly Row[],
  read: (row: Row) => unknown,
): Damaged[] {
  return rows.flatMap((row) => {
    try {
      read(row);
      return [];
    } catch (thrown) {
      return [{ id: textOf(row.id), error: damageOf(thrown).toWire() }];
    }
  });
}

/** @throws what was thrown, where it is a fault and no damage */
function damageOf(thrown: unknown): AtelierError {
  if (thrown instanceof AtelierError && thrown.code === 'PROJECT_DAMAGED') return thrown;
  throw thrown;
}
