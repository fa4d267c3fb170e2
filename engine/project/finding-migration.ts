/** Findings as an earlier version kept them, as they are kept now: what it did not measure is said to be looked for again. Pure. */
import type { FindingKind } from '#contract/findings.ts';

/** Of these the first format kept no measure of each image. */
const lacking: readonly FindingKind[] = ['shortcuts', 'unsafe-augmentations'];
const reason =
  'An earlier version found these, without what is measured of each image. Look for findings again.';

/** @returns as `StoredFindings` is to parse it; what is of no known format is left as it is, and refused there */
export function migrateFindings(kept: unknown): unknown {
  if (!isTable(kept) || kept['format'] !== 'atelier-findings/1' || !Array.isArray(kept['kinds'])) return kept;
  const kinds = (kept['kinds'] as unknown[]).map((found) =>
    isTable(found) &&
    lacking.some((kind) => kind === found['kind']) &&
    Array.isArray(found['entries']) &&
    found['entries'].length > 0
      ? { ...found, missing: { reason, needs: 'look' }, entries: [] }
      : found,
  );
  return { ...kept, format: 'atelier-findings/2', kinds };
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
