/**
 * `atelier bench`: how fast this machine trains and imports, Atelier beside its peers in one run. Five parts: the training
 * step (steps.ts), a whole augmented epoch (epoch.ts), where the time of a step goes (profile.ts), importing pictures
 * (intake.ts), and the features of a backbone (backbone.ts).
 */
// The command line's own tsconfig must find this declaration too, and an import cannot bring it.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./raw.d.ts" />
import { execFile } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { promisify } from 'node:util';
import { coreCount } from '#learning/cores.ts';
import { pythonExecutables } from '#learning/tensorflow/locate.ts';
import { type BackboneResult, benchBackbone } from './backbone.ts';
import { benchEpoch, type EpochResult } from './epoch.ts';
import { benchIntake, type IntakeResult } from './intake.ts';
import type { Precisions } from './lines.ts';
import type { BenchMode } from './modes.ts';
import { hearOut } from './process.ts';
import { type Profiles, profileSteps } from './profile.ts';
import { benchSteps, type StepResult } from './steps.ts';

export { runBenchMode } from './modes.ts';

export const benchParts = ['steps', 'epoch', 'profile', 'intake', 'backbone'] as const;
type BenchPart = (typeof benchParts)[number];
export const isPart = (text: string): text is BenchPart => (benchParts as readonly string[]).includes(text);

interface BenchOptions {
  /** The command that calls `runBenchMode` with the mode appended as its last argument. */
  self: readonly string[];
  /** Absent: all. */
  parts?: readonly BenchPart[];
  /** Rounds of each mode; at least 3 make the median mean something. */
  rounds?: number;
  /** Seconds of one round. */
  seconds?: number;
  /** Images of the epoch. */
  images?: number;
  threads?: number;
  /** Pictures to import, in a folder per class; absent: made ones. */
  folder?: string;
}

interface BenchResult {
  cpu: string;
  cores: number;
  /** Programs that wanted a core in the minute before, on average; 0 on Windows, which does not say. */
  loadBefore: number;
  steps: StepResult | null;
  epoch: EpochResult | null;
  /** In each precision. */
  profile: Profiles | null;
  intake: IntakeResult | null;
  backbone: BackboneResult | null;
}

/**
 * Measures every mode that can run here and tells it line by line.
 * Throws ENGINE_FAILED where Atelier's own traced step cannot be measured or profiled in float32.
 */
export async function runBench(options: BenchOptions, onLine: (line: string) => void): Promise<BenchResult> {
  const {
    self,
    parts = benchParts,
    rounds = 5,
    seconds = 3,
    images,
    threads = coreCount(),
    folder,
  } = options;
  const cpu = cpus()[0]?.model.trim() ?? 'CPU';
  const loadBefore = loadavg()[0] ?? 0;
  onLine(`${cpu}, ${coreCount()} cores`);
  if (loadBefore > 0.5 * coreCount()) {
    onLine(
      `Others are at work here (load ${loadBefore.toFixed(1)} on ${coreCount()} cores): figures come out low, ` +
        "PyTorch's most of all, whose threads wait for each other. Measure again on a quiet machine.",
    );
  }
  const has = (part: BenchPart) => parts.includes(part);
  const python = has('steps') || has('epoch') ? await findPython('torch') : null;
  const bfloat16 = has('steps') || has('profile') ? await whyNoBfloat16(self) : null;
  const shared = { self, rounds, seconds, threads };
  const steps = has('steps') ? await benchSteps({ ...shared, python, bfloat16 }, onLine) : null;
  const layout = layoutOf(steps?.ratios.bestPytorch);
  const epoch = has('epoch') ? await benchEpoch({ self, threads, python, layout, images }, onLine) : null;
  const profile = has('profile') ? await profileSteps({ self, threads, bfloat16 }, onLine) : null;
  const intake = has('intake')
    ? await benchIntake({ self, rounds, python: await findPython('PIL'), folder }, onLine)
    : null;
  const backbone = has('backbone')
    ? await benchBackbone({ ...shared, python: await findPython('onnxruntime') }, onLine)
    : null;
  return { cpu, cores: coreCount(), loadBefore, steps, epoch, profile, intake, backbone };
}

/** The layout of PyTorch's fastest step; where steps were not measured, what is fastest on most machines. */
function layoutOf(mode: BenchMode | null | undefined): 'eager' | 'channels-last' | 'compile' {
  switch (mode) {
    case 'pytorch-eager':
      return 'eager';
    case 'pytorch-channels-last':
      return 'channels-last';
    default:
      return 'compile';
  }
}

/** Asked of a measuring process: an engine opened in this one would keep memory and threads while others are measured. */
async function whyNoBfloat16(self: readonly string[]): Promise<string | null> {
  try {
    const said = await hearOut([...self, 'precisions'], process.env);
    const line = said.split('\n').find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error('no line of it is an answer');
    return (JSON.parse(line) as Precisions).bfloat16;
  } catch (reason) {
    // Where no engine opens, float32 fails for the same reason and ends the bench; this alone does not.
    return `whether it can be had could not be asked: ${reason instanceof Error ? reason.message : String(reason)}`;
  }
}

/** The first Python at hand that can import `module`. */
async function findPython(module: string): Promise<string | null> {
  for (const python of pythonExecutables()) {
    try {
      await promisify(execFile)(python, ['-c', `import ${module}`], { timeout: 60_000 });
      return python;
    } catch {
      // The next one may have it.
    }
  }
  return null;
}
