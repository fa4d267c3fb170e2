/**
 * Entry of every worker process: takes tasks, runs them, tells what happens. Ends when the studio does.
 * What a task does is in tasks/.
 */
import { AtelierError, toWireError } from '#contract/errors.ts';
import type { FromWorker, TaskFunction, TaskKind, ToWorker } from './protocol.ts';
import { importPlan, importRead, importStore, settle } from './tasks/import.ts';
import { readLabels } from './tasks/read-labels.ts';
import { sourceCompare, sourceUpdate } from './tasks/sources.ts';

/**
 * A task whose file is loaded when it is first asked for: what computes takes half a second to load, which an import, a
 * worker of its own each time, would wait for.
 */
function later<K extends TaskKind>(load: () => Promise<TaskFunction<K>>): TaskFunction<K> {
  return async (input, context) => (await load())(input, context);
}

const tasks: { [K in TaskKind]: TaskFunction<K> } = {
  doctor: later(async () => (await import('./engine.ts')).doctor),
  'import-plan': importPlan,
  'import-read': importRead,
  'import-store': importStore,
  settle,
  'source-compare': sourceCompare,
  'source-update': sourceUpdate,
  'read-labels': readLabels,
  train: later(async () => (await import('./tasks/train.ts')).train),
  'find-learning-rate': later(async () => (await import('./tasks/train.ts')).rateSearch),
  'measure-precision': later(async () => (await import('./tasks/train.ts')).measurePrecision),
  inspect: later(async () => (await import('./tasks/predict.ts')).inspect),
  evaluate: later(async () => (await import('./tasks/evaluate.ts')).evaluate),
  evidence: later(async () => (await import('./tasks/evidence.ts')).evidence),
  explain: later(async () => (await import('./tasks/explain.ts')).explain),
  'nearest-open': later(async () => (await import('./tasks/explain.ts')).nearestOpen),
  nearest: later(async () => (await import('./tasks/explain.ts')).nearest),
  slices: later(async () => (await import('./tasks/slices.ts')).slices),
  robustness: later(async () => (await import('./tasks/robustness.ts')).robustness),
  calibrate: later(async () => (await import('./tasks/calibrate.ts')).calibrate),
  embed: later(async () => (await import('./tasks/embed.ts')).embed),
  map: later(async () => (await import('./tasks/map.ts')).map),
  facts: later(async () => (await import('./tasks/facts.ts')).facts),
  'embedding-open': later(async () => (await import('./tasks/suggest.ts')).embeddingOpen),
  neighbours: later(async () => (await import('./tasks/suggest.ts')).neighbours),
  'learn-labels': later(async () => (await import('./tasks/suggest.ts')).learnLabels),
  'group-images': later(async () => (await import('./tasks/group-images.ts')).groupImages),
  'draw-split': later(async () => (await import('./tasks/draw-split.ts')).drawSplitTask),
  'draw-folds': later(async () => (await import('./tasks/draw-split.ts')).drawFoldsTask),
  'join-parts': later(async () => (await import('./tasks/draw-split.ts')).joinPartsTask),
  suggest: later(async () => (await import('./tasks/suggest.ts')).suggest),
  findings: later(async () => (await import('./tasks/findings.ts')).findings),
  predict: later(async () => (await import('./tasks/predict.ts')).predict),
  'open-bundle': later(async () => (await import('./tasks/predict-bundle.ts')).openBundleTask),
  'predict-bundle': later(async () => (await import('./tasks/predict-bundle.ts')).predictBundle),
  missing: later(async () => (await import('./tasks/missing.ts')).missing),
  colours: later(async () => (await import('./tasks/colours.ts')).colours),
  preview: later(async () => (await import('./tasks/preview.ts')).preview),
  full: later(async () => (await import('./tasks/full.ts')).full),
  'sample-sheet': later(async () => (await import('./tasks/sample-sheet.ts')).sampleSheet),
  export: later(async () => (await import('./tasks/export.ts')).exportTask),
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

/** Those that wait for their turn too: a cancel may come before it. */
const running = new Map<number, AbortController>();
/** Tasks that use the engine go one after another: its memory and its threads are shared. */
let engineFree: Promise<unknown> = Promise.resolve();

async function run(id: number, kind: TaskKind, input: unknown, signal: AbortSignal): Promise<void> {
  try {
    if (signal.aborted) throw new AtelierError('CANCELLED', 'Cancelled before it began.');
    const task = tasks[kind] as TaskFunction<TaskKind>;
    const result = await task(input as never, {
      emit: (event) => send({ type: 'event', id, event }),
      signal,
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
      const controller = new AbortController();
      running.set(id, controller);
      const { signal } = controller;
      if (kind === 'full') void run(id, kind, input, signal);
      else engineFree = engineFree.then(() => run(id, kind, input, signal));
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
