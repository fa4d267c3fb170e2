/** What a query finds of the form: settings, the sections they stand in, and what is shown of them. Pure. */
import { isBlank, matches } from '#recipe/find.ts';
import { within } from '../../../state/changes.ts';
import {
  namesOfSetting,
  type SectionId,
  sectionIds,
  sections,
  type SettingPath,
  settingsIn,
} from './settings.ts';

export interface Found {
  sections: ReadonlySet<SectionId>;
  /** Settings that the query names. */
  hits: ReadonlySet<SettingPath>;
  /** Settings that are shown: the hits, and those that hold or belong to one. */
  shown: ReadonlySet<SettingPath>;
}

/** What a query finds; null where nothing is asked. A section's name finds all its settings. */
export function find(query: string): Found | null {
  if (isBlank(query)) return null;
  const found = {
    sections: new Set<SectionId>(),
    hits: new Set<SettingPath>(),
    shown: new Set<SettingPath>(),
  };
  for (const id of sectionIds) {
    const settings = settingsIn(id);
    const hits = settings.filter((path) => matches(query, namesOfSetting(path)));
    const { title, also } = sections[id];
    const whole = hits.length === 0 && matches(query, `${title},${also}`);
    if (!whole && hits.length === 0) continue;
    found.sections.add(id);
    for (const path of hits) found.hits.add(path);
    for (const path of settings) {
      if (whole || hits.some((hit) => related(hit, path))) found.shown.add(path);
    }
  }
  return found;
}

/** Settings that hang on another one although their paths do not say so. */
const hangsOn: Partial<Record<SettingPath, SettingPath>> = { 'training.frozenLayers': 'origin' };

const related = (one: SettingPath, other: SettingPath): boolean =>
  within(one, other) || within(other, one) || hangsOn[one] === other || hangsOn[other] === one;
