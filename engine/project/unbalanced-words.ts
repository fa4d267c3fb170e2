/** What is said of classes that whole groups do not spread over the parts as asked. */
import { splitNames } from '#contract/project.ts';
import type { Unbalanced } from '#learning/splits/assign-groups.ts';

/** Sentences that are told; more would hide them. */
const told = 8;

export function unbalancedWords(all: readonly Unbalanced[], nameOf: (classId: number) => string): string[] {
  const words = all.slice(0, told).map(({ stratum, reason, images, groups, largest, counts, wanted }) => {
    const name = JSON.stringify(nameOf(stratum));
    const parts = splitNames.map((split, at) => `${counts[at]} ${split}`).join(', ');
    if (reason === 'one-group')
      return `All ${images} images of ${name} are one group, so they are in one part (${parts}): nothing of it can be both learned and measured.`;
    if (reason === 'few-groups')
      return `${name} has ${groups} groups for its ${images} images, fewer than there are parts (${parts}).`;
    const asked = wanted.map((count) => Math.round(count)).join(', ');
    return `${name} is not spread as asked (${parts}; asked for ${asked}): its largest group has ${largest} of ${images} images.`;
  });
  return all.length > told ? [...words, `… and ${all.length - told} classes more.`] : words;
}
