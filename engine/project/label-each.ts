/**
 * Gives images classes of their own as one undoable step, such as those that were suggested for a page of them. One class
 * for all is the journal's `relabel`.
 */
import * as z from 'zod';
import { noPart } from './cells.ts';
import type { Columns } from './columns.ts';
import type { Database } from './database.ts';
import { setItems, setParts } from './set-items.ts';

const whole = z.int();

export const LabelEachChange = z.object({
  kind: z.literal('label-each'),
  /** [item, its class before and after]; 0: none */
  labels: z.array(z.tuple([whole, whole, whole])),
  /** [item, its part as the index in `splitNames`] of those that had none before */
  parts: z.array(z.tuple([whole, whole])).optional(),
});
export type LabelEachChange = z.infer<typeof LabelEachChange>;

/** Call inside a transaction. */
export function applyLabels(database: Database, { labels, parts }: LabelEachChange, forward: boolean): void {
  setItems(
    database,
    'class_id',
    labels.map(([itemId, before, after]) => [itemId, forward ? after : before]),
  );
  setParts(database, parts, forward);
}

/** @returns the items it touched */
export function followLabels(
  columns: Columns,
  { labels, parts }: LabelEachChange,
  forward: boolean,
): number[] {
  for (const [itemId, before, after] of labels) columns.setClass(itemId, forward ? after : before);
  for (const [itemId, part] of parts ?? []) columns.setSplit(itemId, forward ? part : noPart);
  return labels.map(([itemId]) => itemId);
}
