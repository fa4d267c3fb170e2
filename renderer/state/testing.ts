/**
 * For tests only: the studio that stores talk to, with answers of the test's own, and records to answer with. The compiler
 * holds both to the contract: an answer of another shape is none. What a test gives no answer to fails, and says so.
 */
import type { Job } from '#contract/job.ts';
import type { CountsChange, Item, Project } from '#contract/project.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import type { Run } from '#contract/run.ts';
import { Recipe } from '#recipe/recipe.ts';
import { Studio } from './studio.svelte.ts';

/** Some of the studio's commands. */
export type Answers = { [Area in keyof StudioClient]?: Partial<StudioClient[Area]> };

/** A client that knows these answers alone. */
export function clientOf(answers: Answers): StudioClient {
  const area = (name: string, known: object) =>
    new Proxy(known, {
      get: (target, command) =>
        Reflect.get(target, command) ??
        (() => Promise.reject(new Error(`The test gives no answer to ${name}.${String(command)}.`))),
    });
  return new Proxy(answers, {
    get: (target, name) => area(String(name), Reflect.get(target, name) ?? {}),
  }) as StudioClient;
}

/** A studio that is connected, with this project open. */
export class TestStudio extends Studio {
  readonly #client: StudioClient;

  constructor(answers: Answers = {}, project: Project | null = null) {
    super(() => Promise.reject(new Error('The studio of a test has no connection.')));
    this.#client = clientOf(answers);
    this.project = project;
  }

  override async call<T>(use: (client: StudioClient) => Promise<T>): Promise<T> {
    try {
      return await use(this.#client);
    } catch (error) {
      throw fromRpcError(error);
    }
  }
}

/** An answer that is given when the test says so: `answers[0]!.give(run)`. */
export function byHand<Given extends unknown[], T>() {
  const answers: { asked: Given; give: (answer: T) => void; fail: (error: unknown) => void }[] = [];
  const ask = (...asked: Given) => new Promise<T>((give, fail) => void answers.push({ asked, give, fail }));
  return { ask, answers };
}

/** All that is due at once has been done. */
export const settled = () => new Promise<void>((wake) => setTimeout(wake));

const none = { train: 0, validation: 0, test: 0, total: 0 };

export const projectOf = (
  changed: Partial<Omit<Project, 'counts'>> & { counts?: Partial<Project['counts']> } = {},
): Project => ({
  ...{ id: 'p', name: 'P', path: '/p.atelier', createdAt: '2026-01-01', sources: [], classes: [] },
  ...{
    validationShare: 0.2,
    testShare: 0,
    splitSeed: 1,
    undo: null,
    redo: null,
    readOnly: null,
    problems: [],
  },
  ...changed,
  counts: { ...none, relabelled: 0, unlabelled: 0, excluded: 0, fixed: 0, ...changed.counts },
});

/** What a label leaves different in it. */
export const changeOf = ({ id, counts, undo, redo }: Project): CountsChange => ({
  ...{ projectId: id, classes: [], counts, undo, redo },
});

export const classOf = (id: number, name = `class ${id}`, train = 1): Project['classes'][number] => ({
  ...{ id, name, key: null, colour: '#4477aa', counts: { ...none, train, total: train } },
});

export const itemOf = (id: number, changed: Partial<Item> = {}): Item => ({
  ...{
    id,
    name: `train/${id}`,
    classId: 1,
    importedClassId: 1,
    split: 'train',
    excluded: null,
    note: '',
    hard: false,
  },
  ...{ width: 28, height: 28, ...changed },
});

export const jobOf = (id: string, changed: Partial<Job> = {}): Job => ({
  ...{ id, kind: 'import', title: 'Import', state: 'running', runId: null, studyId: null, error: null },
  ...{ progress: { done: 0, total: null, unit: 'images', secondsLeft: null }, ...changed },
});

export const recipeOf = (
  name: string,
  training: object = {},
  model: object = {},
  { normalisation = { kind: 'measured' } as object, augmentation = [] as object[] } = {},
): Recipe =>
  Recipe.parse({
    format: 'atelier-recipe/2',
    name,
    preprocessing: {
      ...{ height: 28, width: 28, channels: 1, fit: 'letterbox', normalisation },
    },
    augmentation,
    model: { layers: [{ kind: 'conv', filters: 8 }], ...model },
    training: {
      ...{
        optimizer: { kind: 'sgd' },
        learningRate: 0.1,
        schedule: { kind: 'cosine' },
        batchSize: 128,
        epochs: 3,
      },
      ...training,
    },
  });

export const runOf = (id: string, changed: Partial<Run> = {}): Run => ({
  ...{
    id,
    name: id,
    note: '',
    origin: null,
    studyId: null,
    state: 'running',
    finishedAt: null,
    engine: null,
  },
  ...{ createdAt: `2026-01-0${id.at(-1)}`, recipe: recipeOf('Quick'), parameters: null, epochs: [] },
  ...{ bestEpoch: null, progress: null, paused: null, imagesPerSecond: null, validationAccuracy: null },
  ...{ testAccuracy: null, testLabels: null, error: null, notices: [], ...changed },
});
