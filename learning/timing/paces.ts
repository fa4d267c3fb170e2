/**
 * Paces: how much slower (above 1) or faster than the reference each part of earlier trainings was on this machine. What
 * the reference says is costs.ts; where paces are kept is left to the studio. Pure.
 */
import * as z from 'zod';
import { EngineInfo } from '#contract/run.ts';

export const paceParts = ['start', 'images', 'features', 'step', 'answer'] as const;

/** What computes: a pace is that of one engine, on one device, with so many threads. */
export const PaceEngine = EngineInfo.pick({ kind: true, device: true, threads: true, precision: true });
export type PaceEngine = z.infer<typeof PaceEngine>;

export const Pace = z.object({
  part: z.enum(paceParts),
  /** Of the network, or whatever else the cost depends on: costs.ts. */
  key: z.string().max(64),
  engine: PaceEngine,
  /** Seconds of the reference for one, and what was measured to it. */
  reference: z.number().positive(),
  ratio: z.number().positive(),
});
export type Pace = z.infer<typeof Pace>;

/** Seconds on the machine of reference, and what they depend on: where the key is the same, so is the cost. */
export interface Cost {
  part: Pace['part'];
  key: string;
  seconds: number;
}

/** Paces of the same kind that count: machines are cooled, shared and upgraded. */
const latest = 3;
/** Of other networks those count that are most like it, of so many of the latest. */
const latestOfOthers = 12;
const mostAlike = 3;
const keptOfAKind = 5;
const keptInAll = 400;

/** A step in bfloat16 to the same in float32, where only one of them was measured (docs/results.md). */
const bfloat16 = 0.62;
/** How much of a core each further thread brings. */
const threadGain = 0.8;

/**
 * How much slower than the reference this part will be; null where nothing on this machine says.
 * @param paces oldest first
 */
export function ratioFor(
  paces: readonly Pace[],
  engine: PaceEngine,
  { part, key, seconds }: Cost,
): number | null {
  const machine = part === 'start' || part === 'images';
  const here = paces.filter(
    (pace) => pace.engine.kind === engine.kind && pace.engine.device === engine.device,
  );
  const same = here.filter((pace) => machine || likeEngine(pace.engine, engine));
  const own = same.filter((pace) => pace.part === part);
  const exact = own.filter((pace) => pace.key === key);
  if (exact.length > 0) return median(exact.slice(-latest));
  if (own.length > 0) return median(alike(own, seconds));
  if (machine) return null;
  const computing = same.filter(computes);
  if (computing.length > 0) return median(alike(computing, seconds));
  const others = here.filter((pace) => pace.part === part);
  const known = others.length > 0 ? others : here.filter(computes);
  if (known.length === 0) return null;
  return median(alike(known, seconds).map((pace) => ({ ratio: pace.ratio * between(pace.engine, engine) })));
}

const computes = ({ part }: Pace) => part !== 'start' && part !== 'images';

/** The latest whose cost is nearest to this one. */
const alike = (paces: readonly Pace[], seconds: number): Pace[] =>
  paces
    .slice(-latestOfOthers)
    .map((pace) => ({ pace, distance: Math.abs(Math.log(pace.reference / seconds)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, mostAlike)
    .map(({ pace }) => pace);

/** @returns `paces` with these behind, and without what is too old to count */
export function withPaces(paces: readonly Pace[], added: readonly Pace[]): Pace[] {
  const seen = new Map<string, number>();
  return [...paces, ...added]
    .reverse()
    .filter((pace) => {
      const kind = JSON.stringify([pace.part, pace.key, pace.engine]);
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      return count <= keptOfAKind;
    })
    .slice(0, keptInAll)
    .reverse();
}

const likeEngine = (one: PaceEngine, other: PaceEngine) =>
  one.threads === other.threads && one.precision === other.precision;

/** How the time of a step changes from one engine to another on the same device. */
function between(from: PaceEngine, to: PaceEngine): number {
  const cores = ({ threads }: PaceEngine) => 1 + (threads - 1) * threadGain;
  const precision = ({ precision }: PaceEngine) => (precision === 'bfloat16' ? bfloat16 : 1);
  return (cores(from) / cores(to)) * (precision(to) / precision(from));
}

function median(paces: readonly Pick<Pace, 'ratio'>[]): number {
  const sorted = paces.map(({ ratio }) => ratio).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : Math.sqrt(sorted[middle - 1]! * sorted[middle]!);
}
