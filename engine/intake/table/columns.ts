/** Which columns of a table name the file, the class, the part and the group, by the names that the field uses. */

import { readPart } from '../part-names.ts';

export interface TableColumns {
  file: number;
  class: number;
  part: number | null;
  group: number | null;
  /** Whether the first row names the columns, or is a row like any other. */
  header: boolean;
  /** Whether the class is the only column that is left, whatever its name. */
  guessed: boolean;
}

/** In the order of preference; compared without case, spaces and punctuation. */
const fileNames =
  'filename file filepath fullpath relativepath relpath path imagepath imgpath imagefile imagefilename imagename imgname image img imagefilepath photo picture fname filenames files images imagepaths imageid imgid imageindex idcode fileid id uri name'.split(
    ' ',
  );
const classNames =
  'classname labelname categoryname label class category target labels classes classlabel classification species breed diagnosis dx findinglabels findinglabel choice truth groundtruth y tag classid labelid categoryid classindex'.split(
    ' ',
  );
const partNames = 'split set part partition subset phase usage datasplit dataset fold'.split(' ');
const groupNames =
  'group groupid groups subject subjectid patient patientid person personid lesionid sequence sequenceid session sessionid scene sceneid video videoid'.split(
    ' ',
  );
/** Columns that describe an image and are never its class. */
const otherNames = new Set(
  'width height size bytes filesize md5 sha1 sha256 hash checksum caption text description bbox boxes box objects mask segmentation url link date time timestamp lat lon latitude longitude license author source score confidence'.split(
    ' ',
  ),
);
/** What a message names of them. */
export const usualNames = {
  file: 'filename, file_name, path, image or id',
  class: 'label, class, category or target',
};

const plain = (name: string) =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** Columns whose name is on the list, in the list's order, then the table's. */
function named(columns: readonly string[], names: readonly string[]): number[] {
  return columns
    .map((column, at) => ({ at, rank: names.indexOf(plain(column)) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ at }) => at);
}

/**
 * @param columns first row of the table, or the keys of its JSON lines
 * @param rows the first rows after it
 * @param filesIn whether a cell of a column names a file that is there; the header is a cell too where that is asked
 * @param mayLackHeader false for JSON lines, whose keys are always names
 * @returns the columns, or what is missing of a table whose rows could be used otherwise
 */
export function columnsOf(
  columns: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  filesIn: (at: number, withHeader: boolean) => (cell: string) => boolean,
  mayLackHeader: boolean,
): TableColumns | { missing: 'file' | 'class' } {
  const files = named(columns, fileNames);
  const hits = (at: number) => {
    const isFile = filesIn(at, false);
    return rows.filter((cells) => cells[at] && isFile(cells[at])).length;
  };
  const beginsWithFile = (at: number) => filesIn(at, true)(columns[at]!);
  // Numbers of pixels may be names of files too, but come again and again.
  const areFiles = (at: number) =>
    hits(at) > 0 && (rows.length < 3 || new Set(rows.map((cells) => cells[at])).size * 2 > rows.length);
  const labels = named(columns, classNames);
  if (
    mayLackHeader &&
    (files.length === 0 || labels.length === 0) &&
    columns.some((_, at) => beginsWithFile(at))
  ) {
    // The first row names a file itself.
    const file = columns.findIndex((_, at) => beginsWithFile(at));
    const rest = columns.map((_, at) => at).filter((at) => at !== file);
    if (rest.length === 0) return { missing: 'class' };
    const lines = [columns, ...rows];
    const named = rest.find((at) => lines.every((cells) => readPart(cells[at] ?? '')?.rest === ''));
    // TRAIN,0.png,cat: the column that holds nothing but parts' names is the part, wherever it stands.
    if (rest.length === 2 && named !== undefined) {
      const label = rest.find((at) => at !== named)!;
      return { file, class: label, part: named, group: null, header: false, guessed: false };
    }
    const [label, part, group, ...more] = rest;
    const inOrder = file === 0 && more.length === 0;
    if (!inOrder && rest.length > 1) return { missing: 'class' };
    return { file, class: label!, part: part ?? null, group: group ?? null, header: false, guessed: false };
  }
  // By name, and of several names the one whose cells are files; by its cells alone where no name is known.
  const file = files.find((at) => hits(at) > 0) ?? files[0] ?? columns.map((_, at) => at).find(areFiles);
  if (file === undefined) return { missing: 'file' };
  const others = columns.map((_, at) => at).filter((at) => at !== file);
  const part = named(columns, partNames).find((at) => at !== file && !isNumbered(rows, at)) ?? null;
  const group = named(columns, groupNames).find((at) => at !== file) ?? null;
  const ofParts = named(columns, partNames);
  const left = others.filter((at) => at !== part && at !== group);
  const label = labels.find((at) => left.includes(at));
  if (label !== undefined) return { file, class: label, part, group, header: true, guessed: false };
  const [only] = left;
  // A column of numbered parts or folds is none of classes.
  const guessed =
    left.length === 1 &&
    !ofParts.includes(only!) &&
    !otherNames.has(plain(columns[only!]!)) &&
    repeats(rows, only!);
  return guessed ? { file, class: only!, part, group, header: true, guessed } : { missing: 'class' };
}

/** Classes come again and again; what differs from image to image is something else. */
function repeats(rows: readonly (readonly (string | null)[])[], at: number): boolean {
  const cells = rows.map((row) => row[at]?.trim() ?? '');
  return new Set(cells).size <= Math.max(1, cells.length / 2);
}

/** Folds of a cross-validation are numbers; a part has a name. */
function isNumbered(rows: readonly (readonly (string | null)[])[], at: number): boolean {
  const cells = rows.map((row) => row[at]?.trim() ?? '').filter((cell) => cell !== '');
  return cells.length > 0 && cells.every((cell) => /^\d+(\.\d+)?$/.test(cell));
}
