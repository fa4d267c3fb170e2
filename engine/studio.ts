/**
 * The studio: every command of the contract has a line here or in commands/. Its state is studio-state.ts; what a command does
 * is in the rooms it calls. Loads no native machine learning.
 */
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';
import { projectsFolder } from './app-root.ts';
import { StudioState, type StudioOptions as StateOptions } from './studio-state.ts';
import { isAllowed } from './paths.ts';
import { recentProjects } from './recent.ts';
import { answerResource } from './resources.ts';
import { commandsOf } from './commands/commands.ts';
import { dataCommands } from './commands/data.ts';
import { improvementCommands } from './commands/improvements.ts';
import { repairCommands } from './commands/repair.ts';
import { splitCommands } from './commands/splits.ts';
import { trainingCommands } from './commands/training.ts';
import { whyCommands } from './commands/why.ts';

export interface StudioOptions extends StateOptions {
  /** The folders that a browser may name paths in; null where no browser is let in. */
  allowedFolders: readonly string[] | null;
}

export interface Studio {
  router: ReturnType<typeof createRouter>;
  /** As in the options; the transport of a browser keeps to it. */
  allowedFolders: readonly string[] | null;
  /** @throws AtelierError, which the transport turns into a status */
  resources(request: ResourceRequest): Promise<ResourceResponse>;
  /** Cancels what runs, ends the workers and lets go of the project. */
  close(): Promise<void>;
}

export function createStudio(options: StudioOptions): Studio {
  const state = new StudioState(options);
  return {
    router: createRouter(state, options),
    allowedFolders: options.allowedFolders,
    async resources(request) {
      await state.opened;
      return answerResource(state, state.uploads, request);
    },
    close: () => state.close(),
  };
}

function createRouter(state: StudioState, { desktop, version, allowedFolders }: StudioOptions) {
  const os = commandsOf(state);
  const none = {};
  return os.router({
    studio: {
      about: os.studio.about.handler(() => {
        const found = state.engineSoFar();
        return {
          version,
          engine: found?.engine ?? null,
          engineState: found === null ? 'looking' : found.engine ? 'found' : 'none',
          desktop,
          projectsFolder: projectsFolder(),
          allowedFolders: allowedFolders && [...allowedFolders],
        } as const;
      }),
      engine: os.studio.engine.handler(() => state.engine()),
      events: os.studio.events.handler(async ({ signal }) => state.events.subscribe(signal)),
      recent: os.studio.recent.handler(() =>
        recentProjects().filter(({ path }) => allowedFolders === null || isAllowed(path, allowedFolders)),
      ),
    },
    project: {
      current: os.project.current.handler(() => state.current()),
      create: os.project.create.handler(({ input }) =>
        state.create(input.path, input.name, input.whileTraining),
      ),
      open: os.project.open.handler(({ input }) => state.open(input.path, input.whileTraining)),
      close: os.project.close.handler(async ({ input }) => {
        await state.closeProject(input?.whileTraining);
        return none;
      }),
      discard: os.project.discard.handler(async () => (await state.discardProject(), none)),
    },
    ...dataCommands(os, state),
    ...splitCommands(os, state),
    ...trainingCommands(os, state),
    ...improvementCommands(os, state),
    ...repairCommands(os, state),
    ...whyCommands(os, state),
    jobs: {
      list: os.jobs.list.handler(() => state.jobs.list()),
      cancel: os.jobs.cancel.handler(({ input }) => (state.jobs.cancel(input.jobId), none)),
    },
  });
}
