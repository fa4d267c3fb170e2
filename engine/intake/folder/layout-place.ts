/**
 * Where the images of a folder go, once it is decided what the folders mean: their class and part, unlabelled into a part,
 * or skipped with the reason. The decision is layout.ts.
 */
import type { ImportOptions, ImportSplit } from '#contract/import.ts';
import { faultOfName, longestClassName } from '#contract/names.ts';
import type { Decision } from './layout-outcome.ts';
import { type PartFolders, type Said, saidIn } from './part-folders.ts';
import { readPart } from '../part-names.ts';

/** The class of an image, null where it is unlabelled, and its part; or why it is skipped. */
export type Place = { className: string | null; part: ImportSplit } | { reason: string };

export const startsWith = (steps: readonly string[], start: readonly string[]): boolean =>
  start.every((step, at) => steps[at] === step);

/** The part that the deepest of these folders speaks of. */
function partAmong(steps: readonly string[], from: number, said: Said): ImportSplit | null {
  for (let at = steps.length; at > from; at--) {
    const meaning = said(steps.slice(0, at));
    if (meaning && meaning !== 'class' && meaning !== 'skip' && meaning !== 'unlabelled') return meaning;
    const reading = meaning === undefined || meaning === 'unlabelled' ? readPart(steps[at - 1]!) : null;
    if (reading) return reading.part;
  }
  return null;
}

/** Places the images of a folder that gives no class. */
export function unlabelledPlacer(
  { all, own, parts }: Decision,
  options: ImportOptions,
): (steps: readonly string[]) => Place {
  const spoken = saidIn(options);
  // Folders above the parts are named like one and are none.
  const above = new Set(parts?.above.map((steps) => steps.join('/')));
  const said: Said = (steps) => spoken(steps) ?? (above.has(steps.join('/')) ? 'class' : undefined);
  return (steps) => ({ className: null, part: all ?? own?.part ?? partAmong(steps, 0, said) ?? 'pool' });
}

/** Places the images of a folder, given by the names down to it. */
export function placer(
  decision: Decision,
  chosen: readonly string[],
  options: ImportOptions,
): (steps: readonly string[]) => Place {
  const said = saidIn(options);
  const { layout, level, parts, own } = decision;
  const whole = decision.all ?? own?.part ?? null;
  const inClass = 'Lies in no class folder, so its class is not known.';
  const unlabelled = unlabelledPlacer(decision, options);
  if (layout === 'unlabelled') return unlabelled;
  const without = (steps: readonly string[], reason: string): Place =>
    options.withoutClass === 'unlabelled' ? unlabelled(steps) : { reason };
  return (steps) => {
    if (layout === 'one-class')
      return checked({
        className: chosen[chosen.length - 1] ?? 'images',
        part: whole ?? partAmong(steps, 0, said) ?? 'pool',
      });
    const root = parts?.roots.find((one) => startsWith(steps, one.steps));
    if (parts && !root) {
      const named = parts.named.some((one) => startsWith(steps, one.steps));
      return without(
        steps,
        named ? inClass : `Lies beside the folders that give the parts (${listed(parts)}).`,
      );
    }
    const from = root?.steps.length ?? 0;
    const wrappers = options.classLevel === undefined ? (level?.wrappers ?? []) : [];
    const at = options.classLevel ?? (level && level.level > 0 ? from + level.level : null);
    if (at === null || steps.length < at || at <= from)
      return without(
        steps,
        root ? `Lies in ${root.steps.join('/')}, in no class folder, so its class is not known.` : inClass,
      );
    if (!startsWith(steps.slice(from), wrappers))
      return without(
        steps,
        `Lies beside the folder ${wrappers[wrappers.length - 1]}, which holds the classes.`,
      );
    const part = layout === 'class-part' ? partAmong(steps, at, said) : (root?.part ?? null);
    return checked({ className: steps[at - 1]!, part: whole ?? part ?? 'pool' });
  };
}

const listed = ({ named }: PartFolders) => {
  const all = [...new Set(named.map(({ steps }) => steps[steps.length - 1]!))];
  return all.length > 4 ? `${all.slice(0, 4).join(', ')} …` : all.join(', ');
};

/** A class must have a name that can be shown and typed. */
function checked(place: { className: string; part: ImportSplit }): Place {
  const fault = faultOfName(place.className, longestClassName);
  return fault === null ? place : { reason: `${refusedName} ${fault}` };
}

/** How the reason begins where the class is known and its name cannot be one. */
export const refusedName = "Its class folder cannot give the class's name.";
