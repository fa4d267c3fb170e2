/**
 * What a training tells, put where people look: the run's row, its progress, the studio's events. Writes keep their
 * order, and one that fails stops the training; a full disk makes it wait instead.
 */
import type { JobContext } from './queue.ts';
import type { Runs } from '../project/runs.ts';
import { AtelierError, type WireError } from '#contract/errors.ts';
import type { EngineInfo } from '#contract/run.ts';
import type { TrainEvent } from '../worker/protocol.ts';
import type { TimeLeft } from './time-left.ts';
import type { JobServices } from './job-services.ts';

const millisecondsBetweenTries = 2000;

type EngineWords = Pick<EngineInfo, 'kind' | 'version' | 'device' | 'threads'>;

export class RunWriter {
  #written: Promise<unknown> = Promise.resolve();

  /** @param stop aborted where a write failed: what the worker tells cannot be kept any more */
  constructor(
    private readonly services: Pick<JobServices, 'emit'>,
    private readonly runs: Runs,
    private readonly runId: string,
    private readonly context: Pick<JobContext, 'progress'>,
    private readonly stop: AbortController,
    /** What it will still take; null where that is not told. */
    private readonly timeLeft: TimeLeft | null = null,
  ) {}

  /** Resolves when all that was told so far is on the disk; rejects where a write failed. */
  written(): Promise<unknown> {
    return this.#written;
  }

  take(event: TrainEvent): void {
    const { runs, runId, services, context } = this;
    switch (event.kind) {
      case 'step': {
        const { done, total, unit } = event;
        const left = total === null ? undefined : this.timeLeft?.preparing('images', done, total);
        context.progress(done, total, unit, left);
        break;
      }
      case 'features-step': {
        const { done, total } = event;
        context.progress(done, total, 'images', this.timeLeft?.preparing('features', done, total));
        break;
      }
      case 'started': {
        const { engine, parameters, steps } = event;
        this.timeLeft?.begins(engine);
        const secondsLeft = this.timeLeft?.stepping(null, 0, steps) ?? null;
        runs.progress.set(runId, { step: 0, steps, secondsLeft, imagesPerSecond: 0 });
        this.#write(() => runs.update(runId, { engine, parameters }));
        break;
      }
      case 'progress': {
        const { step, steps, imagesPerSecond } = event;
        const secondsLeft = this.timeLeft
          ? this.timeLeft.stepping(event.secondsLeft, step, steps)
          : event.secondsLeft;
        runs.progress.set(runId, { step, steps, secondsLeft, imagesPerSecond });
        context.progress(step, steps, 'steps', secondsLeft);
        services.emit({
          event: 'run.progress',
          runId,
          step,
          steps,
          epoch: event.epoch,
          epochs: event.epochs,
          loss: event.loss,
          accuracy: event.accuracy,
          learningRate: event.learningRate,
          imagesPerSecond,
          secondsLeft,
        });
        break;
      }
      case 'epoch': {
        const { epoch, best } = event;
        this.#write(async () => {
          await runs.addEpoch(runId, epoch, best);
          services.emit({ event: 'run.epoch', runId, epoch });
        });
        break;
      }
      case 'checkpoint-rejected': {
        const { file, reason } = event;
        this.#write(() => runs.addNotice(runId, `${file} is damaged and was passed over. ${reason}`));
        break;
      }
      case 'engine-changed': {
        const [from, to] = [event.from, event.to].map(engineWords);
        this.#write(() =>
          runs.addNotice(
            runId,
            `It was begun on ${from} and goes on on ${to}; its bytes may differ from an uninterrupted run.`,
          ),
        );
        break;
      }
      case 'resumed': {
        const { epochs, bestEpoch } = event;
        this.#write(() => runs.setEpochs(runId, epochs, bestEpoch));
        break;
      }
      case 'initialised': {
        const { how, taken, available, fresh, unfrozen } = event;
        if (how === 'backbone') {
          if (taken < available)
            this.#write(() =>
              runs.addNotice(
                runId,
                `It began with ${taken} of the backbone’s ${available} pre-trained weights; the others have no layer like theirs in this recipe.`,
              ),
            );
          break;
        }
        if (unfrozen.length > 0) {
          this.#write(() =>
            runs.addNotice(
              runId,
              'It trains layers that were frozen in the earlier run, so the optimizer state starts from zero.',
            ),
          );
        }
        if (fresh.length > 0) {
          const named = fresh.length > 3 ? `${fresh.slice(0, 3).join(', ')} and others` : fresh.join(', ');
          const weights = fresh.length === 1 ? 'weight has' : 'weights have';
          this.#write(() =>
            runs.addNotice(
              runId,
              `It began with ${taken} weights of the earlier run; ${fresh.length} ${weights} no like there and began fresh: ${named}.`,
            ),
          );
        }
        break;
      }
      case 'features': {
        const { views, reason } = event;
        if (reason !== null)
          this.#write(() =>
            runs.addNotice(runId, `What its frozen layers give is computed anew in every step: ${reason}.`),
          );
        else if (views > 1)
          this.#write(() =>
            runs.addNotice(
              runId,
              `Its frozen layers saw ${views} augmented views of each training image, which the epochs took in turn.`,
            ),
          );
        break;
      }
      case 'paused':
        this.#pause(event.reason);
        break;
      case 'unpaused':
        this.#pause(null);
        break;
      default:
        event satisfies never;
    }
  }

  /** Whether it waited for room on the disk: its times then say nothing of the machine. */
  waited = false;

  #pause(reason: WireError | null): void {
    this.waited = true;
    if (reason) this.runs.paused.set(this.runId, reason);
    else this.runs.paused.delete(this.runId);
    this.#tell();
  }

  #tell(): void {
    this.services.emit({ event: 'run.changed', run: this.runs.get(this.runId) });
  }

  #write(work: () => Promise<unknown>): void {
    this.#written = this.#written.then(() => this.patiently(work)).then(() => this.#tell());
    this.#written.catch(() => this.stop.abort());
  }

  /**
   * The worker waits for room on the disk by itself; so must what is written here. `work` is done again as a whole.
   * @throws what `work` throws but DISK_FULL, and that too where the training is to stop
   */
  async patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let waiting = false; ;) {
      try {
        const done = await work();
        if (waiting) this.#pause(null);
        return done;
      } catch (thrown) {
        if (!isDiskFull(thrown) || this.stop.signal.aborted) throw thrown;
      }
      if (!waiting) this.#pause(diskFull);
      waiting = true;
      await this.#pauseOf(millisecondsBetweenTries);
    }
  }

  /** Resolves after the time, or at once where the training is to stop. */
  #pauseOf(milliseconds: number): Promise<void> {
    const { signal } = this.stop;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end);
    });
  }
}

const engineWords = ({ kind, version, device, threads }: EngineWords): string =>
  `${kind} ${version} (${device}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;

const diskFull: WireError = {
  code: 'DISK_FULL',
  message: 'No space is left to write the project. The training waits; free some, and it goes on by itself.',
  details: {},
};

const isDiskFull = (thrown: unknown) => thrown instanceof AtelierError && thrown.code === 'DISK_FULL';
