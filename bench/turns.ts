/**
 * Measuring processes that take turns, round by round, so that whatever else the machine does hits all of them
 * alike. What a round is, and what the figures say, is left to steps.ts and epoch.ts.
 */
import { median } from '#recipe/statistics/median.ts';
import { type Limits, type MeasuringProcess, startMeasuring } from './process.ts';
import type { Ready, Round } from './lines.ts';

/** What each part of the bench is asked for. */
export interface PartOptions {
  /** The command of this program to which a mode is added. */
  self: readonly string[];
  /** A Python that has what the peers need; null where none was found. */
  python: string | null;
  rounds: number;
  /** Of a round. */
  seconds: number;
  threads: number;
}

export interface Contender<M extends string> {
  mode: M;
  /** As a person reads it. */
  label: string;
  /** Program and its arguments; a reason where there is none. */
  command: readonly string[] | { leftOut: string };
}

export interface BenchRow<M extends string = string> {
  mode: M;
  label: string;
  library: string;
  device: string;
  threads: number;
  /** Median, least and greatest of the rounds. */
  imagesPerSecond: number;
  lowest: number;
  highest: number;
  rounds: number[];
  /** After the last round: shows that the mode did learn. */
  loss: number;
  /** Greatest resident memory of the process so far, in bytes. */
  peakBytes: number;
}

export interface LeftOut<M extends string = string> {
  mode: M;
  label: string;
  reason: string;
}

export interface Turns<M extends string> {
  rows: BenchRow<M>[];
  leftOut: LeftOut<M>[];
}

/**
 * @param amount of one round: seconds or images, as the processes understand it
 * @param onLine progress, and who was left out
 */
export async function takeTurns<M extends string>(
  contenders: readonly Contender<M>[],
  {
    rounds,
    amount,
    limits,
    environment,
  }: { rounds: number; amount: number; limits: Limits; environment: Record<string, string | undefined> },
  onLine: (line: string) => void,
): Promise<Turns<M>> {
  const leftOut: LeftOut<M>[] = [];
  const running = new Map<Contender<M>, MeasuringProcess>();
  const measured = new Map<Contender<M>, { ready: Ready; rounds: Round[] }>();
  const leaveOut = async (contender: Contender<M>, reason: unknown) => {
    await running.get(contender)?.end();
    running.delete(contender);
    measured.delete(contender);
    const { mode, label } = contender;
    const why = reason instanceof Error ? reason.message : String(reason);
    leftOut.push({ mode, label, reason: why });
    onLine(`${label}: left out, ${why}`);
  };
  try {
    for (const contender of contenders) {
      const { command } = contender;
      try {
        if ('leftOut' in command) throw new Error(command.leftOut);
        const process = await startMeasuring(command, environment, limits);
        running.set(contender, process);
        measured.set(contender, { ready: process.ready, rounds: [] });
      } catch (reason) {
        await leaveOut(contender, reason);
      }
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const [contender, process] of running) {
        try {
          measured.get(contender)!.rounds.push(await process.round(amount));
        } catch (reason) {
          await leaveOut(contender, reason);
        }
      }
      onLine(`round ${round} of ${rounds} done`);
    }
  } finally {
    await Promise.all([...running.values()].map((process) => process.end()));
  }
  return { rows: [...measured].map(([contender, entry]) => row(contender, entry)), leftOut };
}

function row<M extends string>(
  { mode, label }: Contender<M>,
  { ready, rounds }: { ready: Ready; rounds: Round[] },
): BenchRow<M> {
  const speeds = rounds.map(({ imagesPerSecond }) => imagesPerSecond);
  const { library, device, threads } = ready;
  const { loss, peakBytes } = rounds[rounds.length - 1]!;
  return {
    mode,
    label,
    library,
    device,
    threads,
    imagesPerSecond: median(speeds),
    lowest: Math.min(...speeds),
    highest: Math.max(...speeds),
    rounds: speeds,
    loss,
    peakBytes,
  };
}

/** A table of rows, then who was left out and why. */
export function* table({ rows, leftOut }: Turns<string>): Generator<string> {
  const number = (value: number) => Math.round(value).toLocaleString('en').padStart(7);
  yield '';
  yield `${'images per second'.padEnd(40)} median  lowest highest   loss  peak MiB`;
  for (const { label, imagesPerSecond, lowest, highest, loss, library, peakBytes } of rows) {
    const figures = [imagesPerSecond, lowest, highest].map(number).join(' ');
    const mebibytes = number(peakBytes / 2 ** 20);
    yield `${label.padEnd(38)} ${figures}  ${loss.toFixed(3)}   ${mebibytes}  ${library}`;
  }
  for (const { label, reason } of leftOut) yield `${label.padEnd(38)} left out: ${reason}`;
  yield '';
}
