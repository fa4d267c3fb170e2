/**
 * What the program was started with. Chromium's and the debugger's flags stand among the arguments and are
 * none of ours, so a project is known by its suffix.
 */
import { resolve } from 'node:path';

interface Arguments {
  /** Absolute path of a project, null where none is named. */
  openProject: string | null;
  /** Open the sample project, and make it first where it is absent. */
  sample: boolean;
}

/** @param folder what relative paths are relative to */
export function parseArguments(argv: readonly string[], folder: string): Arguments {
  const project = argv
    .slice(1)
    .find((argument) => !argument.startsWith('-') && /\.atelier[/\\]?$/.test(argument));
  return {
    openProject: project === undefined ? null : resolve(folder, project),
    sample: argv.includes('--sample'),
  };
}
