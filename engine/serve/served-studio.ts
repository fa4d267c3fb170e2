/** The studio as a server sees it. */
import type { AnyRouter } from '@orpc/server';
import type { ResourceRequest, ResourceResponse } from '#contract/resources.ts';

/** What a served studio needs of the studio. */
export interface ServedStudio {
  router: AnyRouter;
  resources(request: ResourceRequest): Promise<ResourceResponse>;
  /** The folders that a browser may name paths in; null: any. */
  allowedFolders: readonly string[] | null;
}
