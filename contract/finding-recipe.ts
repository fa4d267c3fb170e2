/**
 * What a finding changes of the recipe of the next training: class weights, an augmentation that hides a shortcut, one that is left out.
 * Pure; setting the fields is recipe/path.ts, in the window the draft's, on the command line --set.
 */
import { takesClassesAsTheyCome } from '#recipe/class-weights.ts';
import { differences } from '#recipe/difference.ts';
import { type FieldChanges, withFields } from '#recipe/path.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { augmentationWords } from './finding-words.ts';
import type { FindingEntry } from './findings.ts';

export interface RecipeRemedy {
  /** What to do, as a button says it. */
  label: string;
  /** What that comes to, in a sentence or two; where there are no fields, why. */
  about: string;
  /** null where no change of a recipe helps. */
  fields: FieldChanges | null;
}

type Shortcut = Extract<FindingEntry, { measured: 'shortcut' }>;

/** null for findings that are about images one by one. */
export function remedyOf(entry: FindingEntry): RecipeRemedy | null {
  switch (entry.measured) {
    case 'label':
    case 'cluster':
    case 'image':
      return null;
    case 'class':
      return {
        label: 'Use class weights',
        about:
          'Balanced class weights: in the loss a class counts the same however few images it has. Small classes are found more often; accuracy may fall.',
        fields: { 'training.classWeights': 'balanced' },
      };
    case 'augmentation': {
      const { kind } = entry.augmentation;
      const name = augmentationWords(entry.augmentation)
        .replace(/ up to .*/, '')
        .toLowerCase();
      return {
        label: `Leave ${name} out`,
        about: `From then on no training image is changed by ${name}${kind === 'rotation' ? '; RandAugment and TrivialAugment rotate too, where the recipe has them' : ''}.`,
        fields: { [`augmentation.${kind}`]: 'off' },
      };
    }
    case 'shortcut':
      return ofShortcut(entry);
    default:
      return entry satisfies never;
  }
}

function ofShortcut(entry: Shortcut): RecipeRemedy {
  switch (entry.fact) {
    case 'brightness': {
      const fraction = brightnessApart(entry);
      return {
        label: 'Vary the brightness',
        about: `Each training image is made darker or lighter by up to ${Math.round(100 * fraction)} % of the full range, as far as the classes are apart, so that brightness tells less.`,
        fields: { 'augmentation.brightness.probability': 1, 'augmentation.brightness.fraction': fraction },
      };
    }
    case 'border colour':
      return {
        label: 'Zoom in at random',
        about:
          'Training images are enlarged by up to 1.4, which cuts the border off. What is like the border further in stays: there only other images help.',
        fields: {
          'augmentation.scale.probability': 1,
          'augmentation.scale.minimum': 1,
          'augmentation.scale.maximum': 1.4,
        },
      };
    case 'size':
      return shapesApart(entry)
        ? {
            label: 'Crop to fill',
            about:
              'Images are cropped to the shape of the input instead of padded or stretched, so that their shape is not seen. Small images still are less sharp.',
            fields: { 'preprocessing.fit': 'crop' },
          }
        : {
            label: 'Blur at random',
            about:
              'The classes have the same shape, and a network gets them all at one size: what is left of the size is how sharp they are. A random blur hides some of that.',
            fields: { 'augmentation.blur': 'on' },
          };
    case 'file type':
      return {
        label: 'Change the recipe',
        about:
          'No change of the recipe hides what a file format leaves in a picture. Save all images in one format, collect each class in each, or exclude images until the types are mixed.',
        fields: null,
      };
    case 'file date':
      return {
        label: 'Change the recipe',
        about:
          'No change of the recipe helps: a network sees no date, only what changed with it, such as light, camera or place. Collect each class on several days, or exclude images until the days are mixed.',
        fields: null,
      };
    default:
      return entry.fact satisfies never;
  }
}

const numbersOf = ({ usual }: Shortcut): number[][] =>
  usual.flatMap(({ value }) => (Array.isArray(value) ? [value] : []));
const leastBrightness = 0.2;
const mostBrightness = 0.5;

/** Between the darkest and the brightest class, as a fraction of the full range, in steps of 5 %. */
function brightnessApart(entry: Shortcut): number {
  const values = numbersOf(entry).map(([value]) => value!);
  const apart = values.length === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / 255;
  return Math.min(mostBrightness, Math.max(leastBrightness, Math.ceil(20 * apart) / 20));
}

/** Whether images of one class are wider for their height than those of another, by a twentieth or more. */
function shapesApart(entry: Shortcut): boolean {
  const shapes = numbersOf(entry).map(([width, height]) => width! / height!);
  return shapes.length > 1 && Math.max(...shapes) >= 1.05 * Math.min(...shapes);
}

/** true where it changes something of this recipe, else why not, in a sentence without its stop. */
export function needsRemedy(recipe: Recipe, entry: FindingEntry): true | string {
  const remedy = remedyOf(entry);
  if (!remedy) return 'Its images are what can be changed';
  if (!remedy.fields) return 'No change of the recipe helps';
  if (entry.measured === 'class' && !takesClassesAsTheyCome(recipe.training))
    return recipe.training.classWeights.kind === 'equal'
      ? 'The recipe draws all classes equally often already'
      : 'The recipe has class weights already';
  if (differences(recipe, withFields(recipe, remedy.fields)).length > 0) return true;
  return entry.measured === 'augmentation'
    ? 'The recipe trains without it already'
    : 'The recipe says so already';
}
