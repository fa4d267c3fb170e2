/**
 * Whether a message may be believed: main frame, exact origin, schema. Knows no Electron; listening is ipc.ts.
 */
import type * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { originOf, ownOrigin } from './security.ts';

/** What is known of a message's sender. `origin` is absent in old Electron versions. */
export interface Sender {
  url: string;
  origin?: string | undefined;
  isMainFrame: boolean;
}

/** Whether a message comes from the main frame of a page of ours. */
export function isOwnSender(sender: Sender | null): boolean {
  if (sender === null || !sender.isMainFrame || originOf(sender.url) !== ownOrigin) return false;
  return sender.origin === undefined || sender.origin === ownOrigin;
}

/** The message's argument, when sender and schema allow it. @throws FORBIDDEN, BAD_REQUEST */
export function checkMessage<S extends z.ZodType>(
  sender: Sender | null,
  schema: S,
  args: readonly unknown[],
): z.infer<S> {
  if (!isOwnSender(sender)) {
    throw new AtelierError(
      'FORBIDDEN',
      `Expected a message from ${ownOrigin}, received one from ${sender?.url || 'nowhere'}.`,
    );
  }
  const parsed = schema.safeParse(args[0]);
  if (!parsed.success || args.length > 1)
    throw new AtelierError('BAD_REQUEST', 'The message is not as expected.');
  return parsed.data;
}
