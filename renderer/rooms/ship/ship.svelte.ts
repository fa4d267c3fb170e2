/** What Ship does: classify images one at a time, export runs, and remember the last few predictions. */
import { AtelierError } from '#contract/errors.ts';
import { type ExportedRun, type ExportFormat, exporterOf, exporters } from '#contract/exporters.ts';
import type { Prediction } from '#contract/evaluation.ts';
import type { Explanation } from '#contract/explanation.ts';
import type { Job } from '#contract/job.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import { fileName } from '../../parts/save.ts';
import { report, say } from '../../state/notices.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { uploadFile } from '../../state/uploads.ts';

type Image = Parameters<StudioClient['predictions']['predict']>[0]['image'];
const remembered = 12;

/** The file's name that is proposed for an export of a run. */
export const exportName = ({ name }: { name: string }, format: ExportFormat): string =>
  `${fileName(name)}.${exporterOf(format).extension}`;

export class ShipStore {
  /** Newest first. */
  history: Prediction[] = $state.raw([]);
  shown: Prediction | null = $state.raw(null);
  busy: string | null = $state(null);
  /** Whether the heat lies over what the network saw. */
  why = $state(false);
  /** Of predictions that were shown so, by the address of what the network saw. */
  #explained: Record<string, Explanation | AtelierError> = $state.raw({});
  /** What was asked about, for as long as the prediction is remembered. */
  readonly #images = new WeakMap<Prediction, Image>();
  /** The images of the last drop that could not be classified. */
  faults: { name: string; error: AtelierError }[] = $state.raw([]);
  /** undefined: not read yet; null: not exported yet. */
  #exported: Record<string, ExportedRun | null> = $state.raw({});
  exportFault: AtelierError | null = $state.raw(null);
  /** What is exported next. */
  format: ExportFormat = $state(exporters[0].key);

  constructor(private readonly studio: Studio) {}

  reset(): void {
    this.history = [];
    this.shown = null;
    this.#explained = {};
    this.#exported = {};
    this.faults = [];
    this.exportFault = null;
  }

  async classify(runId: string, files: File[]): Promise<void> {
    this.faults = [];
    const project = this.studio.project?.id;
    if (files.length > remembered) {
      say(`${remembered} images at a time: ${files.length - remembered} of ${files.length} were left out.`);
    }
    for (const file of files.slice(0, remembered)) {
      if (this.studio.project?.id !== project) return;
      await this.#predict(runId, file.name || 'image', async () => {
        const path = window.atelier?.pathOf(file);
        if (path) return { kind: 'path', path };
        return { kind: 'upload', uploadId: await uploadFile(file), name: file.name || 'image' };
      });
    }
  }

  /** By Grad-CAM, for the predicted class; undefined: not known yet. */
  explanation({ networkImage }: Prediction): Explanation | AtelierError | undefined {
    return this.#explained[networkImage];
  }

  async explain(prediction: Prediction): Promise<void> {
    const image = this.#images.get(prediction);
    const { networkImage, runId, predicted: target } = prediction;
    if (!image || this.#explained[networkImage]) return;
    const found = await this.studio
      .call((client) => client.explanations.explain({ runId, image, method: 'grad-cam', target }))
      .catch(fromRpcError);
    const known = Object.entries(this.#explained).slice(1 - remembered);
    this.#explained = { ...Object.fromEntries(known), [networkImage]: found };
  }

  show(prediction: Prediction): void {
    this.shown = prediction;
  }

  async #predict(runId: string, name: string, image: () => Promise<Image>): Promise<void> {
    this.busy = name;
    const project = this.studio.project?.id;
    // A prediction that comes after its project was closed belongs nowhere.
    const late = () => this.studio.project?.id !== project;
    try {
      const reference = await image();
      const prediction = await this.studio.call((client) =>
        client.predictions.predict({ runId, image: reference }),
      );
      if (late()) return;
      this.#images.set(prediction, reference);
      this.shown = prediction;
      this.history = [prediction, ...this.history].slice(0, remembered);
    } catch (error) {
      if (!late()) this.faults = [...this.faults, { name, error: fromRpcError(error) }];
    } finally {
      this.busy = null;
    }
  }

  exported(runId: string): ExportedRun | null | undefined {
    return this.#exported[runId];
  }

  async wantExported(runId: string): Promise<void> {
    if (this.#exported[runId] !== undefined) return;
    await this.#readExported(runId);
  }

  exporting(runId: string): Job | null {
    return this.studio.working.find((job) => job.kind === 'export' && job.runId === runId) ?? null;
  }

  /** @param path from the system's dialog, which asks before a file is replaced */
  async export(runId: string, format: ExportFormat, path?: string): Promise<void> {
    this.exportFault = null;
    try {
      const job = await this.studio.call((client) =>
        client.exports.start({ runId, format, ...(path === undefined ? {} : { path, replace: true }) }),
      );
      const ended = await this.studio.finished(job.id);
      if (ended.state === 'failed' && ended.error) this.exportFault = AtelierError.fromWire(ended.error);
      await this.#readExported(runId);
    } catch (error) {
      if (error instanceof AtelierError) this.exportFault = error;
      else report(new AtelierError('INTERNAL', String(error)));
    }
  }

  async #readExported(runId: string): Promise<void> {
    const exported = await this.studio.attempt((client) => client.exports.get({ runId }));
    if (exported !== undefined) this.#exported = { ...this.#exported, [runId]: exported };
  }
}
