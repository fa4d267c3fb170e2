/** What the presets are for, in words that need no knowledge of the field. */
import type { PresetName } from '#contract/recipe.ts';

export const presetWords = {
  seed: 'Small and plain. Good for a first look, and to compare others with.',
  quick: 'A good classifier in little time. Start here.',
  best: 'Makes the fewest mistakes. Takes its time.',
} satisfies Record<PresetName, string>;
