/**
 * The worker of an import. Where it dies while it reads, another one goes on: a picture that takes all memory, or breaks
 * its decoder, costs the import that picture and not the others.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Input, Result, TaskKind } from '../worker/protocol.ts';
import { type RunOptions, type Spawner, Worker } from './workers.ts';

/** Deaths after which an import gives up, and deaths in a row before a worker said anything. */
const greatestDeaths = 50;
const greatestSilentDeaths = 3;

export class ImportWorker {
  #worker: Worker;
  #closed = false;

  constructor(private readonly spawner: Spawner) {
    this.#worker = this.#start();
  }

  /** As Worker.run; `import-read` outlives the process it began in. @throws WORKER_DIED where none gets on */
  async run<K extends TaskKind>(kind: K, input: Input<K>, options: RunOptions<K> = {}): Promise<Result<K>> {
    if (kind !== 'import-read') return this.#worker.run(kind, input, options);
    let silent = 0;
    for (let deaths = 0; ; deaths++) {
      const onEvent: RunOptions<K>['onEvent'] = (event) => {
        silent = 0;
        options.onEvent?.(event);
      };
      try {
        return await this.#worker.run(kind, { ...input, resume: deaths > 0 }, { ...options, onEvent });
      } catch (thrown) {
        const died = thrown instanceof AtelierError && thrown.code === 'WORKER_DIED';
        silent++;
        // Workers that do not get as far as to read will not get further the next time.
        if (!died || this.#closed || silent > greatestSilentDeaths || deaths >= greatestDeaths) throw thrown;
        this.#worker = this.#start();
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#worker.close();
  }

  #start(): Worker {
    return new Worker(this.spawner, 'import', 'import again');
  }
}
