/** What finished jobs have to say: reports of imports for as long as the studio is open, answers of probes as long as the project. */
import { AtelierError } from '#contract/errors.ts';

const resultsKept = 20;

export class JobResults<T> {
  readonly #kept = new Map<string, T>();

  /** @param what the jobs are called, such as "import" */
  constructor(private readonly what: string) {}

  /** The last ones are kept. */
  keep = (jobId: string, result: T): void => {
    this.#kept.set(jobId, result);
    if (this.#kept.size > resultsKept) this.#kept.delete(this.#kept.keys().next().value!);
  };

  clear(): void {
    this.#kept.clear();
  }

  /** @throws NOT_FOUND where the job is not finished, is of another kind, or was long ago */
  get(jobId: string): T {
    const result = this.#kept.get(jobId);
    if (result !== undefined) return result;
    throw new AtelierError(
      'NOT_FOUND',
      `Expected a finished ${this.what} of this session, received ${jobId}.`,
      {
        jobId,
      },
    );
  }
}
