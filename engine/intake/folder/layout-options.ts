/** What would have to be said to get what was inferred: shown with the plan, and where the next saying begins. */
import type { ImportOptions } from '#contract/import.ts';
import { type Folder, folderAt } from './folder-tree.ts';
import type { Decision } from './layout-outcome.ts';
import { type Meaning, partsAmong, type Said, saidIn } from './part-folders.ts';

/** More meanings than anybody reads would make a plan that cannot be sent. */
const mostMeanings = 200;

/** @param all every folder, those too that were said to be none of the classes and parts */
export function optionsOf(decision: Decision, tree: Folder, all: Folder, said: ImportOptions): ImportOptions {
  const { layout, classLevel, own } = decision;
  const meanings = Object.fromEntries([
    ...Object.entries(said.parts ?? {}),
    ...ofFolders(decision, tree, all, said).slice(0, mostMeanings),
  ]);
  const part = said.part ?? own?.part;
  return {
    layout,
    ...(classLevel !== null && { classLevel }),
    ...(Object.keys(meanings).length > 0 && { parts: meanings }),
    ...(part !== undefined && { part }),
    ...(said.withoutClass !== undefined && { withoutClass: said.withoutClass }),
  };
}

/** Each by its name where only one folder has it, else by its path. */
function ofFolders(decision: Decision, tree: Folder, all: Folder, said: ImportOptions): [string, Meaning][] {
  const { layout, classLevel, parts, level } = decision;
  const meanings = new Map<readonly string[], Meaning>();
  for (const steps of parts?.above ?? []) meanings.set(steps, 'class');
  for (const { steps, part } of parts?.named ?? []) meanings.set(steps, part);
  // What lies beside would count otherwise.
  const beside = said.withoutClass === 'unlabelled' ? 'unlabelled' : 'skip';
  const setBeside = (steps: readonly string[]) => {
    // An unlabelled image may have a part, which was said.
    if (beside === 'skip' || saidIn(said)(steps) === undefined) meanings.set(steps, beside);
  };
  for (const { steps } of parts?.unknown ?? []) setBeside(steps);
  // What lies beside the wrappers would count if only the level were said.
  if (!parts && level && said.classLevel === undefined) {
    level.wrappers.forEach((step, depth) => {
      for (const { name, steps } of folderAt(tree, level.wrappers.slice(0, depth)).children.values())
        if (name !== step) setBeside(steps);
    });
  }
  const times = timesOf(all);
  const found = [...meanings].map(([steps, meaning]): [string, Meaning] => {
    const name = steps[steps.length - 1]!;
    return [times.get(name) === 1 ? name : `/${steps.join('/')}`, meaning];
  });
  const below = new Map<string, Meaning>();
  if (layout === 'class-part' && classLevel !== null) belowClasses(tree, classLevel, saidIn(said), below);
  return [...found, ...below];
}

/** How many folders have a name. */
function timesOf(tree: Folder, times = new Map<string, number>()): Map<string, number> {
  for (const child of tree.children.values()) {
    times.set(child.name, (times.get(child.name) ?? 0) + 1);
    timesOf(child, times);
  }
  return times;
}

/** The folders that give parts below the classes, each name once. */
function belowClasses(folder: Folder, classLevel: number, said: Said, into: Map<string, Meaning>): void {
  if (folder.steps.length === classLevel) {
    for (const [{ name }, part] of partsAmong([...folder.children.values()], said)) into.set(name, part);
    return;
  }
  for (const child of folder.children.values()) belowClasses(child, classLevel, said, into);
}
