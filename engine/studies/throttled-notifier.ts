/** Announces a study a few times a second at most, however often its trials speak; the last word is always said. */
import type { JobServices } from '../jobs/job-services.ts';
import type { OpenProject } from '../project/project.ts';
import { studyOf } from './view.ts';

const millisecondsBetween = 400;

export class ThrottledNotifier {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #told = 0;

  constructor(
    private readonly services: Pick<JobServices, 'emit'>,
    private readonly project: OpenProject,
    private readonly studyId: string,
    /** Called as often, before it is announced. */
    private readonly onTell: () => void = () => undefined,
  ) {}

  /** Now, or as soon as enough time has passed. */
  tell(): void {
    if (this.#timer) return;
    const wait = this.#told + millisecondsBetween - Date.now();
    if (wait <= 0) this.tellNow();
    else this.#timer = setTimeout(() => this.tellNow(), wait);
  }

  tellNow(): void {
    this.close();
    this.#told = Date.now();
    this.onTell();
    this.services.emit({ event: 'study.changed', study: studyOf(this.project.studies, this.studyId) });
  }

  /** What has not been said yet is left to whoever speaks next. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
