/**
 * Entry of every worker process: takes tasks, runs them, tells what happens. Ends when the studio does.
 * What a task does is in tasks/.
 */
import { toWireError } from '#contract/errors.ts';
import type { FromWorker, TaskFunction, TaskKind, ToWorker } from './protocol.ts';
import { doctor } from './tasks/doctor.ts';
import { embed } from './tasks/embed.ts';
import { evaluate } from './tasks/evaluate.ts';
import { exportTask } from './tasks/export.ts';
import { full } from './tasks/full.ts';
import { importPlan, importRead, importStore, settle } from './tasks/import.ts';
import { inspect } from './tasks/inspect.ts';
import { predict } from './tasks/predict.ts';
import { openBundleTask, predictBundle } from './tasks/predict-bundle.ts';
import { colours } from './tasks/colours.ts';
import { preview } from './tasks/preview.ts';
import { measurePrecision, rateSearch } from './tasks/probe.ts';
import { embeddingOpen, learnLabels, neighbours, suggest } from './tasks/suggest.ts';
import { sourceCompare, sourceUpdate } from './tasks/sources.ts';
import { train } from './tasks/train.ts';

const tasks: { [K in TaskKind]: TaskFunction<K> } = {
  doctor,
  'import-plan': importPlan,
  'import-read': importRead,
  'import-store': importStore,
  settle,
  'source-compare': sourceCompare,
  'source-update': sourceUpdate,
  train,
  'find-learning-rate': rateSearch,
  'measure-precision': measurePrecision,
  inspect,
  evaluate,
  embed,
  'embedding-open': embeddingOpen,
  neighbours,
  'learn-labels': learnLabels,
  suggest,
  predict,
  'open-bundle': openBundleTask,
  'predict-bundle': predictBundle,
  preview,
  colours,
  full,
  export: exportTask,
};

/** Electron's utility process; its types are not this room's. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: ToWorker }) => void): void;
  postMessage(message: FromWorker): void;
}
const { parentPort } = process as unknown as { parentPort?: ParentPort };

const send = (message: FromWorker) => {
  if (parentPort) parentPort.postMessage(message);
  else if (process.connected) process.send!(message);
};

const running = new Map<number, AbortController>();
/** Tasks that use the engine go one after another: its memory and its threads are shared. */
let engineFree: Promise<unknown> = Promise.resolve();

async function run(id: number, kind: TaskKind, input: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const task = tasks[kind] as TaskFunction<TaskKind>;
    const result = await task(input as never, {
      emit: (event) => send({ type: 'event', id, event }),
      signal: controller.signal,
    });
    send({ type: 'result', id, result });
  } catch (thrown) {
    send({ type: 'failed', id, error: toWireError(thrown) });
  } finally {
    running.delete(id);
  }
}

function receive(message: ToWorker): void {
  switch (message.type) {
    case 'run': {
      const { id, kind, input } = message;
      if (kind === 'full') void run(id, kind, input);
      else engineFree = engineFree.then(() => run(id, kind, input));
      break;
    }
    case 'cancel':
      running.get(message.id)?.abort();
      break;
    default:
      message satisfies never;
  }
}

if (parentPort) parentPort.on('message', ({ data }) => receive(data));
else {
  process.on('message', receive);
  // Without a studio nobody reads the results; a training goes on from its checkpoint later.
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group of a terminal; what becomes of the task is for the studio to say.
  process.on('SIGINT', () => undefined);
}
