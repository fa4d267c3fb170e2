/**
 * A studio inside this process, as a client sees it, for the length of one command.
 */
import { createRouterClient } from '@orpc/server';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { type Project, type Run, RunId } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import { fromRpcError, oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { appRoot } from '#engine/app-root.ts';
import { createStudio, type Studio } from '#engine/studio.ts';

export interface Session {
  studio: Studio;
  client: StudioClient;
}

/** This program's version, from package.json. */
export function version(): string {
  return (JSON.parse(readFileSync(join(appRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/**
 * Runs `work` with a studio, and closes it whatever happens. Errors come out as AtelierError.
 * @param served whether browsers are let in, which may less than this program
 */
export async function withStudio<T>(work: (session: Session) => Promise<T>, served = false): Promise<T> {
  const studio = createStudio({ desktop: !served, paths: !served, version: version() });
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  try {
    return await work({ studio, client });
  } catch (error) {
    throw error instanceof AtelierError ? error : fromRpcError(error);
  } finally {
    await studio.close();
  }
}

/** Path of the project that a person named: `fashion` means fashion.atelier where only that is there. */
function projectPath(given: string): string {
  const path = resolve(given);
  return extname(path) !== '.atelier' && !existsSync(path) && existsSync(`${path}.atelier`)
    ? `${path}.atelier`
    : path;
}

/** Opens the project of a command. @throws PROJECT_NOT_FOUND and others of the studio */
export const openProject = (client: StudioClient, given: string): Promise<Project> =>
  client.project.open({ path: projectPath(given) });

/**
 * The run a person named by id, id's beginning or name; the latest finished one where none is named.
 * @throws NOT_FOUND
 */
export async function chooseRun(client: StudioClient, given: string | undefined): Promise<Run> {
  const runs = [...(await client.runs.list())].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  if (given !== undefined) {
    const byId = await runById(client, given);
    const found = byId ?? runs.find(({ id, name }) => id.startsWith(given) || name === given);
    if (found) return found;
    throw noRun(runs, given);
  }
  const finished = runs.find(({ state }) => state === 'finished');
  if (finished) return finished;
  throw new AtelierError(
    'NOT_FOUND',
    'The project has no finished run yet. Train one: atelier train PROJECT.',
  );
}

/**
 * The run that a person named by its whole id, or by a name that one run alone has: for what changes or removes it.
 * @throws NOT_FOUND, CONFLICT where several have that name
 */
export async function chooseOneRun(client: StudioClient, given: string): Promise<Run> {
  const byId = await runById(client, given);
  if (byId) return byId;
  const runs = await client.runs.list();
  const named = runs.filter(({ name }) => name === given);
  if (named.length > 1) {
    const ids = named.map(({ id }) => id);
    throw new AtelierError(
      'CONFLICT',
      `Expected one run, but ${named.length} are called ${JSON.stringify(given)}. Name it by its id: ${ids.join(', ')}.`,
      { run: given, ids },
    );
  }
  if (named[0]) return named[0];
  throw noRun(runs, given);
}

/** Trials of studies too, which no list of runs has. */
async function runById(client: StudioClient, given: string): Promise<Run | null> {
  if (!RunId.safeParse(given).success) return null;
  return client.runs.get({ runId: given }).catch((thrown: unknown) => {
    if (fromRpcError(thrown).code === 'NOT_FOUND') return null;
    throw thrown;
  });
}

function noRun(runs: readonly Run[], given: string): AtelierError {
  const known = runs.map(({ id, name, state }) => `${id} (${name}, ${state})`).join(', ');
  return new AtelierError(
    'NOT_FOUND',
    `Expected the id or name of a run, received ${JSON.stringify(given)}. ${known ? `There are: ${known}.` : 'There is no run yet.'}`,
    { run: given },
  );
}
