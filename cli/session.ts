/**
 * A studio inside this process, as a client sees it, for the length of one command.
 */
import { createRouterClient } from '@orpc/server';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { Project } from '#contract/project.ts';
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
 * @param allowedFolders where browsers are let in: the folders that they may name paths in
 */
export async function withStudio<T>(
  work: (session: Session) => Promise<T>,
  allowedFolders: readonly string[] | null = null,
): Promise<T> {
  const studio = createStudio({ desktop: allowedFolders === null, allowedFolders, version: version() });
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
export function projectPath(given: string): string {
  const path = resolve(given);
  return extname(path) !== '.atelier' && !existsSync(path) && existsSync(`${path}.atelier`)
    ? `${path}.atelier`
    : path;
}

/** Opens the project of a command. @throws PROJECT_NOT_FOUND and others of the studio */
export const openProject = (client: StudioClient, given: string): Promise<Project> =>
  client.project.open({ path: projectPath(given) });

/** `withStudio`, with the project that a person named open in it. */
export const withProject = <T>(
  given: string,
  work: (session: Session & { project: Project }) => Promise<T>,
): Promise<T> =>
  withStudio(async (session) => work({ ...session, project: await openProject(session.client, given) }));
