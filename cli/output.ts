/**
 * What the command line prints, in two voices: lines for a person, or one JSON event a line for a program.
 * With --json, stdout carries nothing but events; everything else goes to stderr. Whatever is printed passes through
 * here, and no control character of a name reaches the terminal: it is shown instead (contract/visible.ts).
 */
import stringWidth from 'string-width';
import { AtelierError, type Json, toWireError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Job } from '#contract/job.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { visible, visibleJson } from '#contract/visible.ts';

export interface Output {
  readonly json: boolean;
  /** An event, for programs only. The last one is the command's result. */
  event(name: string, fields: Record<string, unknown>): void;
  /** One line, for a person only; a line break within it is shown, not made. */
  line(text?: string): void;
  /** Several lines, such as those of a table. */
  lines(texts: readonly string[]): void;
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

/** The beginning of a text that fits into so many columns of a terminal. */
function clip(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let [clipped, width] = ['', 0];
  for (const character of text) {
    width += stringWidth(character);
    if (width > columns) break;
    clipped += character;
  }
  return clipped;
}

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
  const write = (fields: Record<string, unknown>) => out.write(`${visibleJson(JSON.stringify(fields))}\n`);
  return {
    json,
    event(event, fields) {
      if (json) write({ event, ...fields });
    },
    line(text = '') {
      if (json) return;
      clear();
      out.write(`${visible(text)}\n`);
    },
    lines(texts) {
      for (const text of texts) this.line(text);
    },
    progress(text) {
      if (json || !err.isTTY) return;
      clear();
      err.write(clip(visible(text), (err.columns ?? 80) - 1));
      unfinished = true;
    },
    note(text) {
      clear();
      err.write(`${visible(text)}\n`);
    },
    error(thrown) {
      clear();
      const { code, message, details } = toWireError(thrown);
      if (json) write({ event: 'error', code, message, details });
      else err.write(`atelier: ${visible(message)}\n`);
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

/** "1 run", "2 runs". */
export const counted = (value: number, one: string, many = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : many}`;

/** "3 min 20 s", "45 s"; "" where it is not known. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '';
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** "about 35 s"; before anything was measured on this machine "between 20 s and 1 min 30 s; not measured here yet". */
export const expectedWords = ({ seconds, low, high }: TimeEstimate): string =>
  seconds === null
    ? `between ${duration(low)} and ${duration(high)}; not measured here yet`
    : `about ${duration(seconds)}`;

/**
 * Tells how far a job is: "Importing 12 of 40 images, 3 s left", and as an event where that has a name.
 * @param isOurs picks the job @param what is done, as the line begins
 */
export const jobProgress =
  (output: Output, isOurs: (job: Job) => boolean, what: string, name?: string) =>
  (event: StudioEvent): void => {
    if (event.event !== 'job.changed' || !isOurs(event.job)) return;
    const { done, total, unit, secondsLeft } = event.job.progress;
    if (name !== undefined) output.event(name, { done, total, unit, secondsLeft });
    const left = duration(secondsLeft);
    output.progress(
      `${what} ${count(done)}${total === null ? '' : ` of ${count(total)}`} ${unit}${left && `, ${left} left`}`,
    );
  };

/** Columns of text, padded to the width that a terminal gives them; the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(visible));
  const widths = (shown[0] ?? []).map((_, column) =>
    shown.reduce((most, row) => Math.max(most, stringWidth(row[column] ?? '')), 0),
  );
  return shown.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
        return column === 0 ? cell + padding : padding + cell;
      })
      .join('  ')
      .trimEnd(),
  );
}
