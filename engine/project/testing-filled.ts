/** For tests only: a folder for a project, made anew for each test, and the small Fashion-MNIST in one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { fillWithFashion } from '../testing-project.ts';
import { OpenProject } from './project.ts';

export function testProject() {
  const test = { folder: '', path: '' };
  beforeEach(() => {
    test.folder = mkdtempSync(join(tmpdir(), 'atelier-project-'));
    test.path = join(test.folder, 'Shoes.atelier');
  });
  afterEach(() => rmSync(test.folder, { recursive: true, force: true }));
  const create = (holder = 'test') => OpenProject.create(test.path, undefined, holder);
  const open = (holder = 'test') => OpenProject.open(test.path, holder);
  async function filled(): Promise<OpenProject> {
    const project = await create();
    await fillWithFashion(test.path);
    await project.followImport();
    return project;
  }
  return Object.assign(test, { create, open, filled });
}
