/** The tasks by which images come into a project: importing a source, and taking over what changed in it. */
import type { ImportOptions, ImportPlan } from '#contract/import.ts';
import type { LabelEdits } from '../intake/table/label-columns.ts';
import type { SourceChanges, SourceUpdate, Take } from '#contract/sources.ts';
import type { Stored } from '../intake/store/store.ts';
import type { StepDone } from './step-done.ts';

/** `project` and `folder` are paths. */
export interface ImportTasks {
  /**
   * Says what a source would be imported as; decodes nothing. `location` is what the person chose; archives are unpacked
   * into `unpackTo` meanwhile.
   */
  'import-plan': {
    input: { folder: string; location: string; options: ImportOptions; unpackTo: string };
    event: StepDone;
    result: ImportPlan;
  };
  /** Reads a table of labels; changes nothing. */
  'read-labels': { input: { file: string }; event: never; result: LabelEdits };
  /** Reads a source into a pack and keeps the rows in memory for the next task, `import-store`. */
  'import-read': {
    input: {
      project: string;
      folder: string;
      location: string;
      options: ImportOptions;
      pack: string;
      /** Goes on where a worker before died. */
      resume?: boolean;
      /** Of the folder in the project that archives are unpacked into. */
      unpackTo: string;
    };
    event: StepDone;
    /** `root`: the folder that the names are relative to, where it is not what was chosen. */
    result: { items: number; root: string | null; unpacked: boolean };
  };
  /**
   * Writes what was read into the database and leaves it pending, for the next task, `settle`; the studio must keep its own
   * changes waiting meanwhile. A worker that ends before has written nothing.
   */
  'import-store': {
    input: { project: string; location: string; root: string };
    event: StepDone;
    result: Stored;
  };
  /** Makes what the task before left pending count, or forgets it. */
  settle: { input: { commit: boolean }; event: never; result: Record<string, never> };
  /** Compares a source with a folder; all of what it finds goes into the file `changes`. */
  'source-compare': {
    input: { project: string; sourceId: number; folder: string; relink: boolean; changes: string };
    event: StepDone;
    result: SourceChanges;
  };
  /** Reads what is new of the changes that were found, into `pack`, and leaves their taking over pending as `import-store` does. */
  'source-update': {
    input: {
      project: string;
      sourceId: number;
      folder: string;
      place: { location: string; root: string } | null;
      changes: string;
      take: Take;
      pack: string;
    };
    event: StepDone;
    result: SourceUpdate;
  };
}
