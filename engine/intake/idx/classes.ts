/** Names of the classes that IDX labels only number: a mapping file as EMNIST has it, or a data set that is known. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { ImportWarning } from '#contract/import.ts';
import type { ListedFile } from '../importer.ts';

interface IdxClasses {
  nameOf(value: number): string;
  /** The file that the names are from. */
  mapping: ListedFile | null;
  warning: ImportWarning | null;
}

const greatestMapping = 1 << 20;

/**
 * @param set prefix that the files' names share
 * @param labels of each part
 * @param mappings files that may name the classes
 */
export async function classNamesOf(
  set: string,
  labels: readonly Uint16Array[],
  mappings: readonly ListedFile[],
): Promise<IdxClasses> {
  const words = (name: string) =>
    name
      .toLowerCase()
      .split(/[-._\s]+/)
      .join('-');
  const own = mappings.filter(({ name }) => words(posix.basename(name)) === `${set && `${set}-`}mapping-txt`);
  const mapping = own[0] ?? (mappings.length === 1 ? mappings[0] : undefined);
  const numbered = (value: number) => String(value);
  if (mapping) {
    const names = mapping.size > greatestMapping ? null : parseMapping(await readFile(mapping.path, 'utf8'));
    if (names) {
      return {
        nameOf: (value) => names.get(value) ?? numbered(value),
        mapping,
        warning: {
          code: 'IDX_MAPPING',
          text: `${mapping.name} names the classes: ${[...names.values()].slice(0, 3).join(', ')} …`,
        },
      };
    }
    return {
      nameOf: numbered,
      mapping: null,
      warning: {
        code: 'IDX_MAPPING_UNREADABLE',
        text: `${mapping.name} was expected to hold lines of a label and character codes, and does not. The classes keep their numbers.`,
      },
    };
  }
  for (const values of labels) {
    if (values.some((value) => value > 255)) continue;
    const names = knownNames[createHash('sha256').update(Uint8Array.from(values)).digest('hex')];
    if (names) return { nameOf: (value) => names[value] ?? numbered(value), mapping: null, warning: null };
  }
  return { nameOf: numbered, mapping: null, warning: null };
}

/**
 * Lines such as "1 65 97": a label, then the codes of the characters it stands for.
 * @returns null where it is anything else, or names two labels alike
 */
function parseMapping(text: string): Map<number, string> | null {
  const names = new Map<number, string>();
  for (const line of text.split(/\r\n?|\n/)) {
    if (line.trim() === '') continue;
    const numbers = line.trim().split(/\s+/).map(Number);
    const [label, ...codes] = numbers;
    const printable = codes.every((code) => Number.isInteger(code) && code > 32 && code < 127);
    if (!Number.isInteger(label) || codes.length === 0 || codes.length > 8 || !printable) return null;
    names.set(label!, codes.map((code) => String.fromCharCode(code)).join('/'));
  }
  return names.size > 0 && new Set(names.values()).size === names.size ? names : null;
}

const fashionNames = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
/** By SHA-256 of the labels: data sets whose class names are known. */
const knownNames: Record<string, string[]> = {
  // Fashion-MNIST, training and test
  '657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7': fashionNames,
  '3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9': fashionNames,
  // its small part in resources/
  '18f6a2c6eba75507726480ff0ce2f600757096678dd8c382394eb855402cdd8b': fashionNames,
  a208a709a04a9e7d0b36f60219928ff61d1080ee5369cd29a471374818145377: fashionNames,
};
