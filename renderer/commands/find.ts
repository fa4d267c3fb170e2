/** Which commands a person means by what was typed, best first. Pure; what can be done is left to who asks. */
import { folded, rankOf } from '../state/rank.ts';
import type { Command } from './command.ts';

/** As `rankOf`, with a whole word before the beginning of one: "train" is "Go to Train" rather than "Training images". */
function rankIn(text: string, query: string): number | null {
  const rank = rankOf(text, query);
  return rank === 2 && ` ${text} `.includes(` ${query} `) ? 1.5 : rank;
}

/** The words that are typed may stand apart and in any order; those found in the label count before the aliases. */
function rank({ label, short = '', aliases = '' }: Command, words: readonly string[]): number | null {
  const whole = rankIn(folded(label), words.join(' '));
  if (whole !== null) return whole;
  let worst = 0;
  for (const word of words) {
    const inLabel = rankOf(folded(`${label} ${short}`), word);
    const place = inLabel === null ? rankOf(folded(aliases), word) : inLabel;
    if (place === null) return null;
    worst = Math.max(worst, place + (inLabel === null ? 8 : 4));
  }
  return worst;
}

/**
 * Commands that fit: those that can be done in front, then the best fit, those used lately, and the order they have.
 * @param recent ids, latest first
 */
export function findCommands(
  commands: readonly Command[],
  query: string,
  recent: readonly string[],
  can: (command: Command) => boolean,
): readonly Command[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const found = commands.flatMap((command, order) => {
    const fits = words.length === 0 ? 0 : rank(command, words);
    if (fits === null) return [];
    const used = recent.indexOf(command.id);
    return [
      { command, order, fits, used: used < 0 ? Number.MAX_SAFE_INTEGER : used, late: can(command) ? 0 : 1 },
    ];
  });
  return found
    .sort((a, b) => a.late - b.late || a.fits - b.fits || a.used - b.used || a.order - b.order)
    .map(({ command }) => command);
}
