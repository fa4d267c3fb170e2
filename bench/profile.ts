/**
 * Where the time of a traced step goes: oneDNN tells what each of its kernels took (ONEDNN_VERBOSE), and what the
 * step took beyond them is TensorFlow's own kernels and dispatch. CPU with oneDNN only. The steps are taken by modes.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Precision } from '#recipe/training.ts';
import { hearOut } from './process.ts';

interface ProfileRow {
  /** "convolution, backward_weights". */
  kernel: string;
  calls: number;
  milliseconds: number;
  /** Of the step. */
  share: number;
}

export interface Profile {
  /** Mean milliseconds of a step, measured around it. */
  stepMilliseconds: number;
  steps: number;
  rows: ProfileRow[];
}

/** Null where a precision has no profile here; a line says why. */
export type Profiles = Record<Precision, Profile | null>;

/** The mode of a precision: it runs steps while oneDNN writes. */
export const profileModes: Readonly<Record<Precision, string>> = {
  float32: 'profile',
  bfloat16: 'profile-bfloat16',
};

/** The last line of these modes. */
export interface ProfiledSteps {
  steps: number;
  milliseconds: number;
}
export const profileStart = 'atelier-profile-start';

/**
 * Profiles float32, then bfloat16. What has no profile is left out with its reason.
 * Throws ENGINE_FAILED where the step in float32 cannot be run.
 * @param options.bfloat16 why it cannot be had; null where it can
 */
export async function profileSteps(
  { self, threads, bfloat16 }: { self: readonly string[]; threads: number; bfloat16: string | null },
  onLine: (line: string) => void,
): Promise<Profiles> {
  const environment = {
    ...process.env,
    ATELIER_THREADS: String(threads),
    ONEDNN_VERBOSE: 'profile_exec',
  };
  const leaveOut = (precision: Precision, reason: string) => {
    onLine(`Profile in ${precision}: left out, ${reason}`);
    return null;
  };
  const profileIn = async (precision: Precision) => {
    const profile = readProfile(await hearOut([...self, profileModes[precision]], environment));
    if (!profile) {
      return leaveOut(precision, 'oneDNN wrote nothing (another device, or a TensorFlow without it).');
    }
    for (const line of table(precision, profile)) onLine(line);
    return profile;
  };
  const float32 = await profileIn('float32').catch((reason: Error) => {
    throw new AtelierError(
      'ENGINE_FAILED',
      `The traced step could not be profiled (run atelier doctor): ${reason.message}`,
    );
  });
  if (bfloat16 !== null) return { float32, bfloat16: leaveOut('bfloat16', bfloat16) };
  // float32 was profiled by now, and is not to be lost.
  const other = await profileIn('bfloat16').catch((reason: Error) => leaveOut('bfloat16', reason.message));
  return { float32, bfloat16: other };
}

function* table(precision: Precision, { stepMilliseconds, steps, rows }: Profile): Generator<string> {
  yield '';
  yield `Where a traced step in ${precision} of ${stepMilliseconds.toFixed(1)} ms goes (mean of ${steps})`;
  for (const { kernel, calls, milliseconds, share } of rows) {
    yield `${kernel.padEnd(44)} ${String(calls).padStart(4)} × ${milliseconds.toFixed(2).padStart(8)} ms ${(share * 100).toFixed(1).padStart(5)} %`;
  }
}

/** Sums oneDNN's lines after the start mark by kind and direction; null where there are none. */
export function readProfile(text: string): Profile | null {
  const sums = new Map<string, { calls: number; milliseconds: number }>();
  let started = false;
  let done: ProfiledSteps | null = null;
  for (const line of text.split('\n')) {
    if (line.includes(profileStart)) started = true;
    if (line.startsWith('{')) done = JSON.parse(line) as ProfiledSteps;
    if (!started || !line.startsWith('onednn_verbose')) continue;
    const fields = line.split(',');
    const at = fields.indexOf('exec');
    const milliseconds = Number(fields[fields.length - 1]);
    if (at < 0 || !Number.isFinite(milliseconds)) continue;
    const [, kind, , direction] = fields.slice(at + 1);
    const kernel = direction === 'undef' ? kind! : `${kind}, ${direction}`;
    const sum = sums.get(kernel) ?? { calls: 0, milliseconds: 0 };
    sums.set(kernel, { calls: sum.calls + 1, milliseconds: sum.milliseconds + milliseconds });
  }
  if (!done || sums.size === 0) return null;
  const { steps } = done;
  const stepMilliseconds = done.milliseconds / steps;
  const rows = [...sums].map(([kernel, { calls, milliseconds }]) => ({
    kernel,
    calls: Math.round(calls / steps),
    milliseconds: milliseconds / steps,
    share: milliseconds / done.milliseconds,
  }));
  rows.sort((a, b) => b.milliseconds - a.milliseconds);
  const rest = stepMilliseconds - rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  rows.push({
    kernel: "TensorFlow's own kernels and dispatch",
    calls: 1,
    milliseconds: rest,
    share: rest / stepMilliseconds,
  });
  return { stepMilliseconds, steps, rows };
}
