/**
 * Whether bfloat16 is worth offering on this machine. TensorFlow rewrites a graph to bfloat16 on any CPU that its
 * oneDNN kernels run on, but only a processor with the instructions gains by it; others would emulate them.
 * The rewriting itself is a field of the context's configuration (context.ts).
 */
import { readFileSync } from 'node:fs';

export interface Machine {
  usesGpu: boolean;
  platform: NodeJS.Platform;
  arch: string;
  /** Text of /proc/cpuinfo; null where there is none. */
  cpuInfo: string | null;
  /** Value of TF_ENABLE_ONEDNN_OPTS, with which a person can turn oneDNN off. */
  oneDnn: string | undefined;
}

/** The flags of Linux for AVX-512 BF16 (Cooper Lake, Zen 4 and later) and AMX (Sapphire Rapids and later). */
const instructions = ['avx512_bf16', 'amx_bf16'];

/**
 * Grappler's bfloat16 mode looks at operations placed on a CPU alone; its GPU mode is float16, whose range small
 * gradients fall out of (tensorflow/core/grappler/optimizers/auto_mixed_precision.cc).
 * @returns why bfloat16 cannot be had, as a sentence; null where it can
 */
export function bfloat16Obstacle({
  usesGpu,
  platform = process.platform,
  arch = process.arch,
  cpuInfo = readCpuInfo(),
  oneDnn = process.env.TF_ENABLE_ONEDNN_OPTS,
}: Pick<Machine, 'usesGpu'> & Partial<Machine>): string | null {
  if (usesGpu)
    return "TensorFlow's mixed precision knows bfloat16 on CPUs alone, and this engine uses a GPU.";
  if (platform !== 'linux' || arch !== 'x64' || cpuInfo === null) {
    return `Whether a processor computes in bfloat16 can be told on Linux (x64) alone, not on ${platform} (${arch}).`;
  }
  if (/^(0|false)$/i.test(oneDnn ?? '')) {
    return 'TensorFlow computes in bfloat16 through oneDNN, which TF_ENABLE_ONEDNN_OPTS turns off.';
  }
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]?.trim().split(/\s+/));
  if (instructions.some((flag) => flags.has(flag))) return null;
  return `This processor has no instructions for bfloat16 (neither ${instructions.join(' nor ')}).`;
}

function readCpuInfo(): string | null {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return null;
  }
}
