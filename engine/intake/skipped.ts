/** Files with something to say about them, grouped for people: by what is said, the real damage first. */
import type { SkippedGroup } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import { rankOfReason } from '../images/decode/formats.ts';
import { reasons } from './listing.ts';

/** Of what was never meant to be an image. */
const harmless: ReadonlySet<string> = new Set([reasons.litter, reasons.hidden, reasons.empty]);
const rank = (reason: string) => (harmless.has(reason) ? 4 : rankOfReason(reason));

/** @param examples how many paths a group names */
export function groupSkipped(files: readonly SkippedFile[], examples = 5): SkippedGroup[] {
  const groups = new Map<string, SkippedGroup>();
  for (const { path, reason } of files) {
    const group = groups.get(reason) ?? { reason, count: 0, examples: [] };
    group.count++;
    if (group.examples.length < examples) group.examples.push(path);
    groups.set(reason, group);
  }
  return [...groups.values()].sort(
    (a, b) => rank(a.reason) - rank(b.reason) || b.count - a.count || a.reason.localeCompare(b.reason, 'en'),
  );
}
