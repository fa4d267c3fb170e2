/** An engine as those who open one give it to engine.ts. */
import type { Precision } from '#recipe/training.ts';

/** What an opener gives; `handles` counts what is held natively. */
export interface OpenedEngine {
  version: string;
  device: string;
  threads: number;
  /** float32 where absent. */
  precision?: Precision;
  /** Why bfloat16 cannot be had; null where it can. Absent where the engine never has it. */
  bfloat16?: string | null;
  handles(): number;
  close(): void;
}
