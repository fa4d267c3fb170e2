/**
 * A network as a file has it: nodes that take and give tensors, constants, one input. What the formats have in common; what a
 * format is made of is onnx-file.ts and tfjs-file.ts, which network the nodes make is graph-network.ts.
 */
import { AtelierError } from '#contract/errors.ts';

/** Bytes: of 50 million numbers, the most that a recipe may have, and a little. */
export const greatestFile = 256 * 2 ** 20;
/** Bytes beside the numbers of tensors: names, nodes, notes. Read, they take up to a hundred times as much memory. */
export const greatestRest = 8 * 2 ** 20;
export const greatestNodes = 5000;
/** Numbers of one tensor. */
export const greatestTensor = 50_000_000;

/** What a message shows of a text from the file. */
export const shown = (value: unknown): string => JSON.stringify(String(value).slice(0, 80));

/** @throws BACKBONE_REFUSED, always */
export function refuse(expected: string, received: string, advice: string, cause?: unknown): never {
  throw new AtelierError(
    'BACKBONE_REFUSED',
    `Expected ${expected}, received ${received}. ${advice}`,
    { expected, received },
    cause === undefined ? {} : { cause },
  );
}

/** @throws BACKBONE_REFUSED where `what` has more than `most` bytes */
export function requireSize(what: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  const [allowed, found] = [most / 2 ** 20, Math.ceil(bytes / 2 ** 20)];
  refuse(`${what} of at most ${allowed} MiB`, `${found} MiB`, 'Choose a smaller network.');
}

/** Settings of a node, by name; null where there is none, or one of another kind. */
export interface Settings {
  int(name: string): number | null;
  ints(name: string): number[] | null;
  float(name: string): number | null;
  text(name: string): string | null;
  texts(name: string): string[] | null;
}

export interface GraphNode {
  opType: string;
  name: string;
  /** Names of tensors; '' where one is left out. */
  inputs: string[];
  outputs: string[];
  settings: Settings;
  /** As messages name it, where that is not by operator and name. */
  title?: string;
}

/** The node, as messages name it. */
export const nameOf = ({ opType, name, outputs, title }: GraphNode): string =>
  title ?? `${opType.slice(0, 80)} ${shown(name || (outputs[0] ?? ''))}`;

export interface GraphTensor {
  shape: number[];
  data: Float32Array;
}

export interface GraphFile {
  nodes: GraphNode[];
  /** Whether there is a constant of this name. */
  isConstant(name: string): boolean;
  /** A constant that is one float32 number; null for anything else. */
  scalar(name: string): number | null;
  /** Its numbers, if they are float32. @throws BACKBONE_REFUSED */
  floats(name: string): GraphTensor;
  /** Its whole numbers. @throws BACKBONE_REFUSED */
  integers(name: string): number[];
  input: {
    name: string;
    type: 'float' | 'uint8';
    /** null where any number fits. */ shape: (number | null)[];
    /** null where the shape tells. */ channels: 'last' | null;
  };
  outputs: string[];
  /** What can be read, where the format names it by another word than the operator. */
  known: readonly string[] | null;
  /** What to do about a file that does not fit together. */
  again: string;
}

/** @throws BACKBONE_REFUSED where some are not finite */
export function requireFinite(name: string, data: Float32Array): Float32Array {
  if (!data.every(Number.isFinite))
    refuse('weights that are finite', `others in ${shown(name)}`, 'The network was damaged in training.');
  return data;
}

/** @returns how many numbers that is @throws BACKBONE_REFUSED */
export function countOf(name: string, shape: readonly number[], again: string): number {
  const count = shape.reduce((product, side) => product * side, 1);
  if (shape.some((side) => !Number.isSafeInteger(side) || side < 0) || !(count <= greatestTensor))
    refuse(
      `a tensor of at most ${greatestTensor} numbers`,
      `${shown(name)} of [${shape.slice(0, 8).join(', ')}]`,
      again,
    );
  return count;
}
