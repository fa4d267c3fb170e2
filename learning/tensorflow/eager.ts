/**
 * Runs one operation at once, on concrete handles: TFE_NewOp … TFE_Execute.
 * Whose handles these are, and when they die, is left to binding.ts.
 */
import type { TFEOpAttr } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import { AtelierError } from '#contract/errors.ts';
import type { Context } from './context.ts';
import type { Library, Pointer } from './ffi.ts';
import { int64s } from './tensors.ts';

/** TF_AttrType as tfjs's kernels use it. */
export const AttributeType = {
  STRING: 0,
  INT: 1,
  FLOAT: 2,
  BOOL: 3,
  TYPE: 4,
  SHAPE: 5,
  RESOURCE: 8,
} as const;

/** Attributes that are types, by name: TF_DataType. */
export const typeAttributes = (types: Readonly<Record<string, number>>): TFEOpAttr[] =>
  Object.entries(types).map(([name, value]) => ({ name, type: AttributeType.TYPE, value }));

// Reused by every call: outputs of an operation, and how many there is room for.
const outputHandles = new BigUint64Array(256);
const outputCount = new Int32Array(1);

/**
 * Executes `name` (an operation or an added function) and returns its `count` output handles,
 * which the caller owns. Throws ENGINE_FAILED or OUT_OF_MEMORY.
 * @param functionConfig of an added function (context.ts); null for an operation
 */
export function execute(
  library: Library,
  context: Context,
  name: string,
  attributes: readonly TFEOpAttr[],
  inputs: readonly Pointer[],
  count: number,
  functionConfig: Uint8Array | null = null,
): Pointer[] {
  const { status } = library;
  const op = library.TFE_NewOp(context.pointer, name, status);
  library.check(name);
  try {
    for (let i = 0; i < inputs.length; i++) library.TFE_OpAddInput(op, inputs[i]!, status);
    for (let i = 0; i < attributes.length; i++) setAttribute(library, op, attributes[i]!);
    if (functionConfig) {
      library.TFE_OpSetAttrValueProto(op, 'config_proto', functionConfig, functionConfig.length, status);
      library.check(name);
    }
    const handles = count <= outputHandles.length ? outputHandles : new BigUint64Array(count);
    outputCount[0] = count;
    library.TFE_Execute(op, handles, outputCount, status);
    library.check(name);
    const results = new Array<Pointer>(count);
    for (let i = 0; i < count; i++) results[i] = handles[i]!;
    return results;
  } finally {
    library.TFE_DeleteOp(op);
  }
}

function setAttribute(library: Library, op: Pointer, { name, type, value }: TFEOpAttr): void {
  switch (type) {
    case AttributeType.STRING:
      return library.TFE_OpSetAttrString(op, name, value as string, Buffer.byteLength(value as string));
    case AttributeType.INT:
      if (Array.isArray(value)) return library.TFE_OpSetAttrIntList(op, name, int64s(value), value.length);
      return library.TFE_OpSetAttrInt(op, name, value as number);
    case AttributeType.FLOAT:
      return library.TFE_OpSetAttrFloat(op, name, value as number);
    case AttributeType.BOOL:
      return library.TFE_OpSetAttrBool(op, name, value ? 1 : 0);
    case AttributeType.TYPE:
      return library.TFE_OpSetAttrType(op, name, value as number);
    case AttributeType.SHAPE: {
      const shape = value as number[];
      return library.TFE_OpSetAttrShape(op, name, int64s(shape), shape.length, library.status);
    }
    default:
      throw unknownAttribute(name, type);
  }
}

/** The error for an attribute of a kind that neither graph nor eager operations can be given. @param type as tfjs numbers it */
export function unknownAttribute(name: string, type: number): AtelierError {
  return new AtelierError(
    'ENGINE_FAILED',
    `Attribute ${name} was expected to be a string, number, boolean, type or shape, received kind ${type}.`,
  );
}
