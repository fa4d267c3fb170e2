/** The commands for a data set: its sources, images, classes, labels, suggestions and history. A line each; what they do is in the rooms they call. */
import type { SavedView } from '#contract/saved-views.ts';
import { applyLabelFile, Curation } from '../curation.ts';
import type { StudioState } from '../studio-state.ts';
import { embeddingState, keptEmbeddings, startEmbedding } from '../jobs/embed.ts';
import { startFindings } from '../jobs/findings.ts';
import { originOf, startImport, startInspection } from '../jobs/import.ts';
import { factsState, startFacts } from '../jobs/facts.ts';
import { mapState, startMap } from '../jobs/map.ts';
import { splitImported } from '../jobs/split.ts';
import { startRescan, startUpdate } from '../jobs/rescan.ts';
import { originalPath } from '../images/storage/original-files.ts';
import { storageOf } from '../images/storage/storages.ts';
import { planFinding } from '../project/finding-plans.ts';
import { deleteView, savedViews, saveView } from '../project/saved-views.ts';
import { planSuggested } from '../project/plans.ts';
import type { Commands } from './commands.ts';
import { listItems } from './item-list.ts';

export function dataCommands(os: Commands, state: StudioState) {
  const curation = new Curation(state);
  const step = async (direction: 'undo' | 'redo') => {
    const project = state.project();
    try {
      return state.changed(await project.step(direction));
    } catch (thrown) {
      // A change that could not be taken back is no longer offered.
      state.changed([]);
      throw thrown;
    }
  };

  const told = (views: SavedView[]) => {
    state.emit({ event: 'views.changed', views });
    return views;
  };

  return {
    sources: {
      inspect: os.sources.inspect.handler(({ input: { source, options = {} } }) =>
        startInspection(
          state,
          originOf(state.uploads, source),
          options,
          state.uploads.placeFor(),
          state.plans.keep,
        ),
      ),
      plan: os.sources.plan.handler(({ input }) => state.plans.get(input.jobId)),
      import: os.sources.import.handler(({ input: { source, options = {} } }) =>
        startImport(state, state.uploads, source, options, state.reports.keep, (project, context) =>
          splitImported(state, project, context),
        ),
      ),
      report: os.sources.report.handler(({ input }) => state.reports.get(input.jobId)),
      skippedFiles: os.sources.skippedFiles.handler(() => state.project().skippedFiles()),
      skippedAndNotices: os.sources.skippedAndNotices.handler(() => state.project().skippedAndNotices()),
      rescan: os.sources.rescan.handler(({ input }) =>
        startRescan(state, input.sourceId, null, state.rescans),
      ),
      relink: os.sources.relink.handler(({ input }) =>
        startRescan(state, input.sourceId, input.path, state.rescans),
      ),
      changes: os.sources.changes.handler(({ input }) => state.rescans.get(input.jobId).report),
      update: os.sources.update.handler(({ input }) =>
        startUpdate(state, state.rescans.get(input.jobId), input.take, state.updates),
      ),
      updated: os.sources.updated.handler(({ input }) => state.updates.get(input.jobId)),
      remove: os.sources.remove.handler(async ({ input }) =>
        state.changed(await state.project().removeSource(input.sourceId)),
      ),
    },
    items: {
      list: os.items.list.handler(({ input: { filter, offset, limit } }) =>
        listItems(state, filter, offset, limit),
      ),
      get: os.items.get.handler(({ input }) => state.project().item(input.itemId)),
      path: os.items.path.handler(({ input }) => {
        const project = state.project();
        const item = project.placeOf(input.itemId);
        return storageOf(item.storage).originals ? originalPath(project.path, item) : null;
      }),
      remove: os.items.remove.handler(async ({ input }) =>
        state.changed(await state.project().removeItems(input.itemIds)),
      ),
      exclude: os.items.exclude.handler(({ input }) => curation.exclude(input.itemIds, input.reason)),
      setNote: os.items.setNote.handler(({ input }) => curation.setNote(input.itemIds, input.note)),
      setHard: os.items.setHard.handler(({ input }) => curation.setHard(input.itemIds, input.hard)),
      relabel: os.items.relabel.handler(async ({ input }) => {
        const project = state.project();
        return state.labelled(project, await project.relabel(input.itemIds, input.classId));
      }),
    },
    views: {
      list: os.views.list.handler(() => savedViews(state.project())),
      save: os.views.save.handler(async ({ input }) => told(await saveView(state.project(), input))),
      delete: os.views.delete.handler(async ({ input }) =>
        told(await deleteView(state.project(), input.name)),
      ),
    },
    classes: {
      add: os.classes.add.handler(async ({ input }) => {
        const added = await state.project().addClass(input.name);
        state.changed([]);
        return added;
      }),
      rename: os.classes.rename.handler(async ({ input }) => {
        await state.project().renameClass(input.classId, input.name);
        return state.changed([]);
      }),
      recolour: os.classes.recolour.handler(({ input }) => curation.recolour(input.classId, input.colour)),
      delete: os.classes.delete.handler(({ input }) =>
        curation.deleteClass(input.classId, input.into ?? null),
      ),
      split: os.classes.split.handler(({ input }) => curation.splitClass(input.itemIds, input.name)),
    },
    labels: {
      list: os.labels.list.handler(({ input }) => state.project().labelRows(input.after, input.limit)),
      apply: os.labels.apply.handler(({ input }) => curation.applyLabels(input.rows, input)),
      applyFile: os.labels.applyFile.handler(({ input }) =>
        applyLabelFile(state, state.uploads, curation, input),
      ),
    },
    embeddings: {
      start: os.embeddings.start.handler(({ input }) => {
        const suggestions = state.suggestions();
        return startEmbedding(state, input?.by, () => suggestions.embeddingsChanged());
      }),
      get: os.embeddings.get.handler(() => embeddingState(state, state.project())),
      neighbours: os.embeddings.neighbours.handler(({ input }) =>
        state.suggestions().neighbours(input.itemId, input.count),
      ),
    },
    map: {
      start: os.map.start.handler(() => startMap(state)),
      get: os.map.get.handler(() => mapState(state, state.project())),
    },
    facts: {
      start: os.facts.start.handler(() => startFacts(state)),
      get: os.facts.get.handler(() => factsState(state, state.project())),
    },
    suggestions: {
      list: os.suggestions.list.handler(({ input }) => state.suggestions().list(input)),
      accept: os.suggestions.accept.handler(async ({ input }) => {
        const project = state.project();
        return state.labelled(
          project,
          await project.label((database) => planSuggested(database, project.columns, input.suggestions)),
        );
      }),
      stats: os.suggestions.stats.handler(() => state.suggestions().stats()),
    },
    findings: {
      start: os.findings.start.handler(({ input }) => startFindings(state, input ?? {})),
      get: os.findings.get.handler(() => state.findings().get(keptEmbeddings(state.project())?.by ?? null)),
      apply: os.findings.apply.handler(async ({ input }) => {
        const project = state.project();
        const entries = await state.findings().entries(input.kind);
        return state.changed(
          await project.record(
            (database) => planFinding(database, project.columns, entries, input),
            input.acceptNewTest,
          ),
        );
      }),
      entries: os.findings.entries.handler(({ input }) => state.findings().entries(input.kind)),
    },
    journal: {
      undo: os.journal.undo.handler(() => step('undo')),
      redo: os.journal.redo.handler(() => step('redo')),
    },
  };
}
