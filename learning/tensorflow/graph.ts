/**
 * Builds a TF_Graph, an operation at a time, and turns it into a function that the eager context can
 * execute as one operation. What becomes an input and what a constant is left to binding.ts and trace.ts.
 */
import type { TFEOpAttr } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import type { Context } from './context.ts';
import { AttributeType, unknownAttribute } from './eager.ts';
import type { GraphOutput, Library, Pointer } from './ffi.ts';
import { DataType, int64s } from './tensors.ts';

/** A tensor that has no value yet: an output of an operation in a graph. */
export interface GraphTensor {
  readonly output: GraphOutput;
  readonly shape: number[];
  readonly dtype: number;
  /** False where TensorFlow cannot tell the shape before it runs; the unknown dimensions read 0. */
  readonly shapeKnown: boolean;
}

let functionCount = 0;

export class Graph {
  private pointer: Pointer;
  /** Operations added, placeholders and constants included. */
  nodes = 0;

  constructor(private readonly library: Library) {
    this.pointer = library.TF_NewGraph();
  }

  placeholder(shape: readonly number[], dtype: number): GraphTensor {
    const operation = this.begin('Placeholder');
    this.library.TF_SetAttrType(operation, 'dtype', dtype);
    this.library.TF_SetAttrShape(operation, 'shape', int64s(shape), shape.length);
    return this.finish(operation, 'Placeholder', 1)[0]!;
  }

  /** A constant with the values of a TF_Tensor, which the caller keeps. */
  constant(tensor: Pointer, dtype: number): GraphTensor {
    const operation = this.begin('Const');
    this.library.TF_SetAttrType(operation, 'dtype', dtype);
    this.library.TF_SetAttrTensor(operation, 'value', tensor, this.library.status);
    this.library.check('a constant');
    return this.finish(operation, 'Const', 1)[0]!;
  }

  /** Adds an operation and returns its first `count` outputs. Throws ENGINE_FAILED where it does not fit. */
  operation(
    type: string,
    attributes: readonly TFEOpAttr[],
    inputs: readonly GraphOutput[],
    count: number,
  ): GraphTensor[] {
    const operation = this.begin(type);
    // An `N` attribute tells that the first N inputs are one list. The list implies it: it must not be set.
    const listLength = attributes.find(({ name }) => name === 'N')?.value as number | undefined;
    if (listLength !== undefined) {
      this.library.TF_AddInputList(operation, inputs.slice(0, listLength), listLength);
    }
    for (let i = listLength ?? 0; i < inputs.length; i++) this.library.TF_AddInput(operation, inputs[i]!);
    for (const attribute of attributes) if (attribute.name !== 'N') this.setAttribute(operation, attribute);
    return this.finish(operation, type, count);
  }

  /** A TF_Function of this graph, added to the context under the returned name. */
  addTo(context: Context, inputs: readonly GraphOutput[], outputs: readonly GraphOutput[]): string {
    const { library } = this;
    const name = `atelier_traced_${++functionCount}`;
    const fn = library.TF_GraphToFunction(
      this.pointer,
      name,
      0,
      -1,
      null,
      inputs.length,
      [...inputs],
      outputs.length,
      [...outputs],
      null,
      null,
      '',
      library.status,
    );
    library.check('the traced function');
    try {
      library.TFE_ContextAddFunction(context.pointer, fn, library.status);
      library.check('adding the traced function');
    } finally {
      library.TF_DeleteFunction(fn);
    }
    return name;
  }

  dispose(): void {
    this.library.TF_DeleteGraph(this.pointer);
  }

  private begin(type: string): Pointer {
    return this.library.TF_NewOperation(this.pointer, type, `n${++this.nodes}`);
  }

  private finish(operation: Pointer, type: string, count: number): GraphTensor[] {
    const oper = this.library.TF_FinishOperation(operation, this.library.status);
    this.library.check(`${type} in a traced step`);
    return Array.from({ length: count }, (_, index) => this.describe({ oper, index }, type));
  }

  private describe(output: GraphOutput, type: string): GraphTensor {
    const { library } = this;
    const dtype = library.TF_OperationOutputType(output);
    const rank = library.TF_GraphGetTensorNumDims(this.pointer, output, library.status);
    library.check(`the shape of ${type}`);
    if (rank < 0) return { output, shape: [], dtype, shapeKnown: false };
    const dims = new BigInt64Array(Math.max(rank, 1));
    library.TF_GraphGetTensorShape(this.pointer, output, dims, rank, library.status);
    library.check(`the shape of ${type}`);
    const shape = Array.from(dims.subarray(0, rank), Number);
    const shapeKnown = shape.every((dimension) => dimension >= 0);
    return { output, shape: shape.map((dimension) => Math.max(dimension, 0)), dtype, shapeKnown };
  }

  private setAttribute(operation: Pointer, { name, type, value }: TFEOpAttr): void {
    const { library } = this;
    switch (type) {
      case AttributeType.STRING:
        return library.TF_SetAttrString(operation, name, value as string, Buffer.byteLength(value as string));
      case AttributeType.INT:
        if (Array.isArray(value))
          return library.TF_SetAttrIntList(operation, name, int64s(value), value.length);
        return library.TF_SetAttrInt(operation, name, value as number);
      case AttributeType.FLOAT:
        return library.TF_SetAttrFloat(operation, name, value as number);
      case AttributeType.BOOL:
        return library.TF_SetAttrBool(operation, name, value ? 1 : 0);
      case AttributeType.TYPE:
        return library.TF_SetAttrType(operation, name, value as number);
      case AttributeType.SHAPE: {
        const shape = value as number[];
        return library.TF_SetAttrShape(operation, name, int64s(shape), shape.length);
      }
      default:
        throw unknownAttribute(name, type);
    }
  }
}

/** Types a function's constants may have; others stay inputs. */
export function canBeConstant(dtype: number): boolean {
  return dtype === DataType.FLOAT || dtype === DataType.INT32 || dtype === DataType.BOOL;
}
