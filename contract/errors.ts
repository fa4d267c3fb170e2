/**
 * The one shape of an error, on every wire: code, message, details.
 * A message says what was expected, what arrived and what to do; the code is for programs.
 * Who shows it (window, terminal, JSON line) is left to the floors above.
 */
import * as z from 'zod';
import { type Place, placeIn, storageWords } from './storage-errors.ts';

export const errorCodes = [
  // wrong use
  'USAGE',
  'BAD_REQUEST',
  'NOT_FOUND',
  'CONFLICT',
  // project
  'PROJECT_NOT_FOUND',
  'PROJECT_EXISTS',
  'PROJECT_LOCKED',
  'PROJECT_DAMAGED',
  'PROJECT_TOO_NEW',
  'PROJECT_READ_ONLY',
  'PROJECT_REPLACED',
  'NO_PROJECT',
  // data
  'SOURCE_NOT_FOUND',
  'SOURCE_UNREADABLE',
  'SOURCE_EMPTY',
  'SOURCE_MOVED',
  'ORIGINAL_CHANGED',
  'ORIGINAL_MISSING',
  'IMAGE_UNREADABLE',
  'NOT_ENOUGH_DATA',
  // recipe
  'RECIPE_INVALID',
  'BUDGET_EXCEEDED',
  'BACKBONE_NOT_FOUND',
  'BACKBONE_REFUSED',
  // engine
  'ENGINE_NOT_FOUND',
  'ENGINE_FAILED',
  'TRACE_READ',
  'TRACE_UNSUPPORTED',
  'OUT_OF_MEMORY',
  // work
  'WORKER_DIED',
  'CANCELLED',
  'LOSS_NOT_FINITE',
  'CHECKPOINT_DAMAGED',
  'PARITY_FAILED',
  'BUNDLE_DAMAGED',
  'BUNDLE_REFUSED',
  'BUNDLE_TOO_SLOW',
  'DISK_FULL',
  'FILE_NOT_WRITABLE',
  'FILE_NOT_READABLE',
  'TOO_MANY_FILES',
  'DISK_FAILED',
  // set-up and access
  'FORBIDDEN',
  'TOO_MANY',
  'CONNECTION_LOST',
  // a fault of ours
  'INTERNAL',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** JSON values, the only thing that details may hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export const WireError = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  details: z.record(z.string(), z.json()).default({}),
});
/** What travels: in RPC replies, in job events, on the last line of `--json`. */
export type WireError = z.infer<typeof WireError>;

/** The error that every room throws. */
export class AtelierError extends Error {
  override readonly name = 'AtelierError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Record<string, Json> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, details: this.details };
  }

  static fromWire(wire: WireError): AtelierError {
    return new AtelierError(wire.code, wire.message, wire.details as Record<string, Json>);
  }
}

/** What the system or SQLite said of a file, as the error of ours that it is; null for anything else. */
export function storageError(thrown: unknown, place: Place): AtelierError | null {
  const words = storageWords(thrown, place);
  return words && new AtelierError(words.code, words.message, words.details, { cause: thrown });
}

/**
 * Any thrown value in the one shape. Trouble with a file gets its own word, whoever met it; what is left is a fault of
 * ours and says so, without a promise of what became of the data, which is not known here.
 */
export function toWireError(thrown: unknown): WireError {
  if (thrown instanceof AtelierError) return thrown.toWire();
  const place = placeIn(thrown);
  const storage = place && storageError(thrown, place);
  if (storage) return storage.toWire();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'INTERNAL',
    message: `Atelier met a fault of its own: ${message}. Please report this.`,
    details: {},
  };
}
