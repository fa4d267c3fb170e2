/**
 * Every command of the studio, with the schema of what goes in and what comes out; those of data and of training are in
 * commands/. The window, the served page and the command line all speak this and nothing else. A slow command answers with a
 * job and goes on in the background; the job's events tell the rest.
 */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { command, none } from './commands/command.ts';
import { dataCommands } from './commands/data.ts';
import { improvementCommands } from './commands/improvements.ts';
import { repairCommands } from './commands/repair.ts';
import { splitCommands } from './commands/splits.ts';
import { trainingCommands } from './commands/training.ts';
import { whyCommands } from './commands/why.ts';
import { WireError } from './errors.ts';
import { StudioEvent } from './events.ts';
import { JobId } from './ids.ts';
import { Job } from './job.ts';
import { Name } from './names.ts';
import { path } from './paths.ts';
import { Project } from './project.ts';
import { EngineInfo } from './run.ts';

/** Says yes to leaving a project whose trainings are then cancelled; without it such a command answers CONFLICT and names them. */
const whileTraining = z.literal(true).optional();

export const commands = {
  studio: {
    /** Version, engine and what this connection may do; answers at once. */
    about: command(
      none,
      z.object({
        version: z.string(),
        /** null while it is still being looked for, and where none works: `engineState` says which. */
        engine: EngineInfo.nullable(),
        engineState: z.enum(['looking', 'found', 'none']),
        /** True in Electron: paths can be chosen with the system's dialog. */
        desktop: z.boolean(),
        /** Where new projects go unless told otherwise. */
        projectsFolder: z.string(),
        /** The folders that this client may name paths in; null: any. */
        allowedFolders: z.array(z.string()).nullable(),
      }),
    ),
    /** The engine that computes here, however long a busy machine takes to tell; `error` where none works. */
    engine: command(none, z.object({ engine: EngineInfo.nullable(), error: WireError.nullable() })),
    events: oc.input(none).output(eventIterator(StudioEvent)),
    recent: command(none, z.array(z.object({ name: z.string(), path: z.string(), openedAt: z.string() }))),
  },
  project: {
    current: command(none, Project.nullable()),
    create: command(z.object({ path, name: Name.optional(), whileTraining }), Project),
    open: command(z.object({ path, whileTraining }), Project),
    close: command(z.object({ whileTraining }).optional(), z.object({})),
    /** Closes the project and takes it away again, where it was just created and nothing came into it; refused otherwise. */
    discard: command(none, z.object({})),
  },
  ...dataCommands,
  ...splitCommands,
  ...trainingCommands,
  ...improvementCommands,
  ...repairCommands,
  ...whyCommands,
  jobs: {
    list: command(none, z.array(Job)),
    cancel: command(z.object({ jobId: JobId }), z.object({})),
  },
};
export type Commands = typeof commands;
