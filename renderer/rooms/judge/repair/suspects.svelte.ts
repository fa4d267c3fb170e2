/** Suspects of the repair screen: the label errors of the findings, of which parts they are shown, and looking for them. */
import { labelEvidenceCaution } from '#contract/finding-words.ts';
import type { FindingEntry } from '#contract/findings.ts';
import type { Job } from '#contract/job.ts';
import type { ItemFilter } from '#contract/project.ts';
import type { Studio } from '../../../state/studio.svelte.ts';

/** `learned`: training and validation images. */
export const suspectParts = ['learned', 'train', 'validation', 'test', 'all'] as const;
export type SuspectPart = (typeof suspectParts)[number];
type LabelEntry = Extract<FindingEntry, { measured: 'label' }>;

const partsOf: Record<SuspectPart, Pick<ItemFilter, 'splits'>> = {
  learned: { splits: ['train', 'validation'] },
  train: { splits: ['train'] },
  validation: { splits: ['validation'] },
  test: { splits: ['test'] },
  all: {},
};

export class Suspects {
  part: SuspectPart = $state('learned');
  /** Whether findings were ever looked for; null: not known yet. */
  looked: boolean | null = $state(null);
  /** What speaks against what they were found by; null where nothing does. */
  caution: string | null = $state(null);
  #entries: ReadonlyMap<number, LabelEntry> = $state.raw(new Map());

  constructor(private readonly studio: Studio) {}

  /** Those that are marked as hard are none any more. */
  get filter(): ItemFilter {
    return { finding: 'label-errors', hard: false, ...partsOf[this.part] };
  }
  get ofTestPart(): boolean {
    return this.part === 'test' || this.part === 'all';
  }
  get job(): Job | undefined {
    return this.studio.working.find(({ kind }) => kind === 'findings' || kind === 'embed');
  }

  entryOf(itemId: number): LabelEntry | undefined {
    return this.#entries.get(itemId);
  }

  async read(): Promise<void> {
    const { studio } = this;
    const found = await studio.attempt((client) => client.findings.get());
    const entries = found
      ? await studio.attempt((client) => client.findings.entries({ kind: 'label-errors' }))
      : [];
    if (found === undefined || entries === undefined) return;
    this.looked = found !== null;
    this.caution = found?.labelEvidence ? labelEvidenceCaution(found.labelEvidence) : null;
    this.#entries = new Map(
      entries.flatMap((entry) =>
        entry.measured === 'label' ? entry.itemIds.map((itemId) => [itemId, entry] as const) : [],
      ),
    );
  }

  /** Looking for them goes on in the background. */
  async find(): Promise<void> {
    const started = await this.studio.attempt((client) => client.embeddings.start());
    if (started) await this.studio.attempt((client) => client.findings.start());
  }

  reset(): void {
    this.part = 'learned';
    this.looked = null;
    this.caution = null;
    this.#entries = new Map();
  }
}
