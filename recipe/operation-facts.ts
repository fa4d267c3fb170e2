/**
 * What is known of each kind of operation before anything is computed: what a value of it sees of the input, and what it
 * keeps for its gradient. Shapes, weights and multiply-adds stand in the plan (plan-writer.ts); summing up is receptive-field.ts
 * and memory.ts. Pure.
 */
import type { Operation, OperationKind, PlanActivation } from './operation.ts';

/** Side of the square that one value sees, and pixels of the input between two neighbouring values. */
export interface Sight {
  side: number;
  jump: number;
}

type OperationOf<K extends OperationKind> = Extract<Operation, { kind: K }>;

interface OperationFacts<K extends OperationKind> {
  /** @param inputs what values of its inputs see @returns null where a value sees all */
  sees(operation: OperationOf<K>, inputs: readonly Sight[]): Sight | null;
  /** Maps as large as its output that are kept until its gradient is worked out. */
  kept(operation: OperationOf<K>): number;
}

/** As much as what came in. */
const asBefore = (_: unknown, [input]: readonly Sight[]) => input!;
const all = () => null;
/** Of several paths, the wider. */
const widest = (_: unknown, inputs: readonly Sight[]) => ({
  side: Math.max(...inputs.map(({ side }) => side)),
  jump: inputs[0]!.jump,
});
const window = ({ side, jump }: Sight, size: number, stride: number) => ({
  side: side + (size - 1) * jump,
  jump: jump * stride,
});
const itself = () => 1;

/** Maps that an activation keeps: more where it is made of several operations. */
const keptByActivation: Record<PlanActivation, number> = {
  linear: 0,
  relu: 1,
  relu6: 1,
  'leaky-relu': 1,
  elu: 1,
  sigmoid: 1,
  'hard-sigmoid': 1,
  silu: 2,
  'hard-swish': 2,
  mish: 3,
  gelu: 4,
};

const convolution = {
  sees: ({ kernel, stride }: { kernel: number; stride: number }, [input]: readonly Sight[]) =>
    window(input!, kernel, stride),
  kept: ({ bias }: { bias: boolean }) => (bias ? 2 : 1),
};
const pool = {
  sees: ({ size, stride = size }: { size: number; stride?: number }, [input]: readonly Sight[]) =>
    window(input!, size, stride),
  kept: itself,
};
const join = { sees: widest, kept: itself };

const operationFacts: { [K in OperationKind]: OperationFacts<K> } = {
  conv: convolution,
  'depthwise-conv': convolution,
  'batch-norm': { sees: asBefore, kept: itself },
  /** What is standardised, and scaled. */
  'layer-norm': { sees: asBefore, kept: () => 2 },
  activation: { sees: asBefore, kept: ({ activation }) => keptByActivation[activation] },
  'max-pool': pool,
  'average-pool': pool,
  'global-average-pool': { sees: all, kept: itself },
  /** The same numbers under another shape. */
  flatten: { sees: all, kept: () => 0 },
  /** The mask too. */
  dropout: { sees: asBefore, kept: ({ rate }) => (rate === 0 ? 0 : 2) },
  'spatial-dropout': { sees: asBefore, kept: ({ rate }) => (rate === 0 ? 0 : 1) },
  dense: { sees: all, kept: itself },
  add: join,
  multiply: join,
  concatenate: join,
};

/** The facts of an operation's kind. List and operation share it; TypeScript cannot follow that through the union. */
export const factsOf = ({ kind }: Operation) => operationFacts[kind] as OperationFacts<OperationKind>;
