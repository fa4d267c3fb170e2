/** What the presets are for, in words that need no knowledge of the field. */
import type { PresetName } from '#recipe/recipe.ts';

export const presetWords = {
  auto: 'Made for this project. Start here.',
  'fine-tune': 'Trains the last layers of the backbone too. Slower; compare it with Auto.',
  seed: 'Small and plain. Good for a first look, and to compare others with.',
  quick: 'A small network from scratch, in little time.',
  best: 'The best small network from scratch. Takes its time.',
} satisfies Record<PresetName, string>;
