/**
 * What the command line prints, in two voices: lines for a person, or one JSON event a line for a program.
 * With --json, stdout carries nothing but events; everything else goes to stderr.
 */
import { AtelierError, type Json, toWireError } from '#contract/errors.ts';

export interface Output {
  readonly json: boolean;
  /** An event, for programs only. The last one is the command's result. */
  event(name: string, fields: Record<string, unknown>): void;
  /** A line, for a person only. */
  line(text?: string): void;
  /** A line that the next one replaces; shown in a terminal only. */
  progress(text: string): void;
  /** A remark on what happens, for a person and for a program's log: always stderr. */
  note(text: string): void;
  error(thrown: unknown): void;
}

interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const eraseLine = '\r\u001b[2K';

export function createOutput(
  json: boolean,
  out: Stream = process.stdout,
  err: Stream = process.stderr,
): Output {
  let unfinished = false;
  const clear = () => {
    if (unfinished) err.write(eraseLine);
    unfinished = false;
  };
  return {
    json,
    event(event, fields) {
      if (json) out.write(`${JSON.stringify({ event, ...fields })}\n`);
    },
    line(text = '') {
      if (json) return;
      clear();
      out.write(`${text}\n`);
    },
    progress(text) {
      if (json || !err.isTTY) return;
      clear();
      err.write(text.slice(0, (err.columns ?? 80) - 1));
      unfinished = true;
    },
    note(text) {
      clear();
      err.write(`${text}\n`);
    },
    error(thrown) {
      clear();
      const { code, message, details } = toWireError(thrown);
      if (json) out.write(`${JSON.stringify({ event: 'error', code, message, details })}\n`);
      else err.write(`atelier: ${message}\n`);
    },
  };
}

/** 2 for wrong use, 1 for every other failure. */
export const exitCodeOf = (thrown: unknown) =>
  thrown instanceof AtelierError && thrown.code === 'USAGE' ? 2 : 1;

export function usage(message: string, details: Record<string, Json> = {}): AtelierError {
  return new AtelierError('USAGE', message, details);
}

export const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
export const count = (value: number) => value.toLocaleString('en');

/** "3 min 20 s", "45 s"; "" where it is not known. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '';
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** Columns of text, padded; the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
