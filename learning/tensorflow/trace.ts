/**
 * tf.function for tfjs: records what a function does with tensors once, and from then on runs all of it
 * as one TensorFlow operation, optimised as a whole. On other engines the function simply runs.
 * Recording and execution are binding.ts's; this file knows variables, shapes and when to record again.
 */
import * as tf from '@tensorflow/tfjs';
import { AtelierError } from '#contract/errors.ts';
import { currentTensorFlow, type TensorFlowBackend } from './backend.ts';
import type { TensorMetadata } from './recording.ts';
import type { Recording, TracedFunction } from './recording.ts';

export interface Traced<I extends tf.Tensor[] = tf.Tensor[], O extends tf.Tensor[] = tf.Tensor[]> {
  /** Runs the step. The caller owns the outputs. */
  (...inputs: I): O;
  /** Graph nodes of all recordings so far; 0 where the engine does not trace. */
  readonly nodes: number;
  /** Frees the recordings. The next call records anew. */
  dispose(): void;
}

type Step = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** One recording: for these input shapes, these variables. */
interface Compiled {
  fn: TracedFunction;
  /** The variables that the step looks at: a head leaves hundreds of its backbone's alone. */
  variables: tf.Variable[];
  /** Places of the inputs that it looks at. */
  takes: number[];
  /** The variables that the step changes, in the order of the function's first outputs. */
  changed: tf.Variable[];
}

/**
 * Traces `fn` per shape and type of its inputs. Every variable it reads or assigns must be among
 * `variables()`, asked at each recording; those it creates itself (an optimizer's state) are found.
 * While recording, `fn` runs once, or twice if it creates variables: JavaScript side effects happen then
 * and never again, and numbers that JavaScript draws or counts are frozen: pass such in as inputs.
 *
 * Throws TRACE_READ where `fn` reads a value, TRACE_UNSUPPORTED where it does what a graph cannot;
 * variables then hold what they held before.
 */
export function trace<I extends tf.Tensor[] = tf.Tensor[], O extends tf.Tensor[] = tf.Tensor[]>(
  fn: (...inputs: I) => O,
  variables: () => tf.Variable[],
): Traced<I, O> {
  const compiled = new Map<string, Compiled>();
  const created = new Set<tf.Variable>();

  const traced = (...inputs: I): O => {
    const backend = currentTensorFlow();
    // Traced within another trace, the step becomes part of that one.
    if (!backend || backend.binding.recording) return tf.tidy(() => fn(...inputs));
    const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(' ');
    let step = compiled.get(key);
    if (!step) {
      step = compile(backend, fn as unknown as Step, inputs, variables, created);
      compiled.set(key, step);
    }
    return run(backend, step, inputs) as O;
  };

  return Object.defineProperty(
    Object.assign(traced, {
      nodes: 0,
      dispose() {
        for (const { fn: native } of compiled.values()) native.dispose();
        compiled.clear();
      },
    }),
    'nodes',
    { get: () => [...compiled.values()].reduce((sum, { fn: native }) => sum + native.nodes, 0) },
  );
}

/** Executes a recording: variables go in, changed ones come back, no data is copied. */
function run(
  backend: TensorFlowBackend,
  { fn, variables, takes, changed }: Compiled,
  inputs: tf.Tensor[],
): tf.Tensor[] {
  const disposed = variables.find((variable) => variable.isDisposed);
  if (disposed)
    throw unsupported(
      `Variable ${disposed.name} was disposed after the step was traced`,
      'Dispose the traced step with it',
    );
  const taken = [...variables, ...takes.map((place) => inputs[place]!)];
  const outputs = backend.binding.call(fn, backend.getInputTensorIds(taken));
  changed.forEach((variable, index) => replace(backend, variable, outputs[index]!));
  return outputs.slice(changed.length).map((output) => backend.createOutputTensor(output));
}

/** Gives a variable its new value: the handle is exchanged where nobody else holds the old value. */
function replace(backend: TensorFlowBackend, variable: tf.Variable, value: TensorMetadata): void {
  const held = backend.tensorMap.get(variable.dataId);
  if (held.refCount === 1) {
    backend.binding.deleteTensor(held.id);
    held.id = value.id;
    return;
  }
  const tensor = backend.createOutputTensor(value);
  variable.assign(tensor);
  tensor.dispose();
}

/** Records `fn`; twice if it creates variables, the second time with them as inputs like all others. */
function compile(
  backend: TensorFlowBackend,
  fn: Step,
  inputs: tf.Tensor[],
  variables: () => tf.Variable[],
  created: Set<tf.Variable>,
): Compiled {
  for (let attempt = 0; attempt < 3; attempt++) {
    const live = [...created].filter((variable) => !variable.isDisposed);
    const result = recordOnce(backend, fn, inputs, [...new Set([...variables(), ...live])]);
    if (!('created' in result)) return result;
    for (const variable of result.created) created.add(variable);
  }
  throw unsupported(
    'The traced function creates new variables at every call',
    'Create them once, outside of it',
  );
}

function recordOnce(
  backend: TensorFlowBackend,
  fn: Step,
  inputs: tf.Tensor[],
  variables: tf.Variable[],
): Compiled | { created: tf.Variable[] } {
  const { binding } = backend;
  const engine = tf.engine();
  const idOf = (tensor: tf.Tensor) => backend.getInputTensorIds([tensor])[0]!;
  const concreteIds = backend.getInputTensorIds([...variables, ...inputs]);
  // All registered variables, so that a trace that fails leaves even a forgotten one as it was.
  const before = Object.values(engine.registeredVariables).map((variable) => ({
    variable,
    value: variable.clone(),
  }));
  const forgotten = new Map(
    before
      .filter(({ variable }) => !variables.includes(variable))
      .map(({ variable }) => [variable, idOf(variable)] as const),
  );
  const created: { variable: tf.Variable; initial: tf.Tensor }[] = [];
  let initialise: TracedFunction | null = null;
  let compiled: Compiled | null = null;

  const recording = binding.record();
  const makeVariable = engine.makeVariable.bind(engine);
  engine.makeVariable = (...parameters) => {
    const variable = makeVariable(...parameters);
    created.push({ variable, initial: tf.keep(variable.clone()) });
    return variable;
  };
  try {
    tf.tidy(() => {
      const stand = (tensor: tf.Tensor) => standIn(backend, recording, tensor);
      const variableStandIns = variables.map(stand);
      const inputStandIns = inputs.map(stand);
      variables.forEach((variable, index) => variable.assign(variableStandIns[index]!));
      const results = fn(...inputStandIns);
      if (created.length > 0) {
        initialise = recording.finish(created.map(({ initial }) => idOf(initial)));
        return;
      }
      refuseForgotten(recording, forgotten, idOf);
      const changed = variables.filter(
        (variable, index) => variable.dataId !== variableStandIns[index]!.dataId,
      );
      const native = recording.finish(backend.getInputTensorIds([...changed, ...results]));
      const { takes } = native;
      compiled = {
        fn: native,
        variables: takes.filter((place) => place < variables.length).map((place) => variables[place]!),
        takes: takes.filter((place) => place >= variables.length).map((place) => place - variables.length),
        changed,
      };
    });
  } catch (error) {
    for (const { variable } of created) variable.dispose();
    throw error;
  } finally {
    engine.makeVariable = makeVariable;
    for (const { initial } of created) initial.dispose();
    recording.stop();
    for (const { variable, value } of before) {
      variable.assign(value);
      value.dispose();
    }
  }
  if (compiled) return compiled;

  // What the new variables start with may depend on the inputs: compute it as the function would have.
  const initial = initialise as unknown as TracedFunction;
  try {
    const values = binding.call(
      initial,
      initial.takes.map((place) => concreteIds[place]!),
    );
    created.forEach(({ variable }, index) => {
      const value = backend.createOutputTensor(values[index]!);
      variable.assign(value);
      value.dispose();
    });
  } finally {
    initial.dispose();
  }
  return { created: created.map(({ variable }) => variable) };
}

/** A tensor without value that stands for `tensor` in the graph. */
function standIn(backend: TensorFlowBackend, recording: Recording, tensor: tf.Tensor): tf.Tensor {
  const { dtype } = backend.tensorMap.get(tensor.dataId);
  return backend.createOutputTensor(recording.placeholder(tensor.shape, dtype));
}

/** A variable outside the list would be frozen (read) or lost (assigned): better no trace than a wrong one. */
function refuseForgotten(
  recording: Recording,
  forgotten: Map<tf.Variable, number>,
  idOf: (tensor: tf.Tensor) => number,
): void {
  for (const [variable, id] of forgotten) {
    if (variable.isDisposed)
      throw unsupported(`Variable ${variable.name} was disposed inside a traced step`, 'Dispose it outside');
    if (idOf(variable) === id && !recording.hasRead(id)) continue;
    throw unsupported(
      `Variable ${variable.name} is used in a traced step that was not told of it`,
      'Add it to the variables of the trace',
    );
  }
}

function unsupported(what: string, advice: string): AtelierError {
  return new AtelierError('TRACE_UNSUPPORTED', `${what}. ${advice}.`);
}
