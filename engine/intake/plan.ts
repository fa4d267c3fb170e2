/** From a scan to the plan that people see: classes × parts, and what is skipped, by reason. */
import type { ImportPlan } from '#contract/import.ts';
import type { Scan } from './importer.ts';
import { layouts } from './importers.ts';
import { groupSkipped } from './skipped.ts';

/** @param location what the person chose */
export function planOf(scan: Scan, location: string): ImportPlan {
  const { layout, asks, statement, classes, unlabelled, warnings, options } = scan;
  const images = [...classes.map(({ counts }) => counts), unlabelled].reduce(
    (sum, { pool, train, validation, test }) => sum + pool + train + validation + test,
    0,
  );
  return {
    location,
    layout,
    layouts,
    asks,
    statement,
    images,
    classes,
    unlabelled,
    warnings,
    skipped: groupSkipped(scan.skipped),
    options,
  };
}
