/**
 * Commands of `atelier` that compute or look at images, before which the engine is made ready. Each command says so
 * itself (`needsEngine` in cli/commands), but may not be built yet when this is asked; atelier.test.mjs compares the two.
 */
export const engineCommands = [
  'findings',
  'split',
  'preview',
  'find-learning-rate',
  'compare-precision',
  'embed',
  'similar',
  'train',
  'cross-validate',
  'search',
  'learning-curve',
  'evaluate',
  'calibrate',
  'slices',
  'robustness',
  'explain',
  'inspect',
  'replay',
  'predict',
  'export',
  'serve',
  'bench',
];
