/** Finding settings by what people call them: names and synonyms, by the beginnings of words, however spelled. Pure. */
import { within } from '../../../state/changes.ts';
import { type Section, type SectionId, sectionIds, sections } from './sections.ts';
import { type SettingPath, wordsOf } from './words/settings.ts';

/** Lower case, without accents, hyphens or the differences of British and American spelling. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, ' ')
    .replaceAll('colour', 'color')
    .replaceAll('gray', 'grey')
    .replace(/z/g, 's')
    .trim();
}

/**
 * True where every word of the query begins a word of one of the names; "learning r" finds "learning rate".
 * @param names divided by commas
 */
export function matches(query: string, names: string): boolean {
  const asked = plain(query).split(' ').filter(Boolean);
  if (asked.length === 0) return false;
  return names.split(',').some((name) => {
    const words = plain(name).split(' ');
    // "earlystopping" and "early-stopping" both find "early stopping".
    const joined = words.join('');
    return (
      joined.startsWith(asked.join('')) || asked.every((part) => words.some((word) => word.startsWith(part)))
    );
  });
}

export interface Found {
  sections: ReadonlySet<SectionId>;
  /** Settings that the query names. */
  hits: ReadonlySet<SettingPath>;
  /** Settings that are shown: the hits, and those that hold or belong to one. */
  shown: ReadonlySet<SettingPath>;
}

/** What a query finds; null where nothing is asked. A section's name finds all its settings. */
export function find(query: string): Found | null {
  if (plain(query) === '') return null;
  const found = {
    sections: new Set<SectionId>(),
    hits: new Set<SettingPath>(),
    shown: new Set<SettingPath>(),
  };
  for (const id of sectionIds) {
    const section: Section = sections[id];
    const hits = section.settings.filter((path) => {
      const { label, also = '' } = wordsOf(path);
      return matches(query, `${label},${also}`);
    });
    const whole = hits.length === 0 && matches(query, `${section.title},${section.also}`);
    if (!whole && hits.length === 0) continue;
    found.sections.add(id);
    for (const path of hits) found.hits.add(path);
    for (const path of section.settings) {
      if (whole || hits.some((hit) => related(hit, path))) found.shown.add(path);
    }
  }
  return found;
}

/** Settings that hang on another one although their paths do not say so. */
const hangsOn: Partial<Record<SettingPath, SettingPath>> = { 'training.frozenLayers': 'origin' };

const related = (one: SettingPath, other: SettingPath): boolean =>
  within(one, other) || within(other, one) || hangsOn[one] === other || hangsOn[other] === one;
