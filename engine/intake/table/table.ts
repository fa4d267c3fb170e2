/**
 * The importer of tables: CSV, TSV and JSON lines whose rows name a file and its class, as Kaggle and Hugging Face's
 * ImageFolder have them. What a row becomes is gather.ts; the text, the columns and the files are
 * text.ts, columns.ts and files.ts.
 */
import { dirname, posix } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { ImportWarning } from '#contract/import.ts';
import type { SkippedFile } from '#contract/project.ts';
import { readFiles } from '../../images/read/read-files.ts';
import { reasonAgainst } from '../candidates.ts';
import { warningsOfClasses } from '../folder/layout-warnings.ts';
import { listFiles } from '../listing.ts';
import { countClasses } from '../class-counts.ts';
import type { FileScan, FoundImage, Importer, ListedFile, Listing, ScanContext } from '../importer.ts';
import { gatherRows, type Gathered } from './gather.ts';
import { openTable, type OpenTable, shown, type SourceFiles } from './open.ts';
import { isTableName } from './text.ts';

const greatestDepth = 4;
/** Kaggle's example of an answer: it names the test images, with classes that are none. */
const isExample = (name: string) => /(^|[-_ .])submissions?([-_ .]|$)/i.test(posix.basename(name));

/** What the tables of a source are good for. */
interface Attempt {
  /** The folder that names are relative to: the chosen one, or the one that the chosen table lies in. */
  listing: Listing;
  tables: OpenTable[];
  /** Tables that cannot be used, and why. */
  refused: { table: ListedFile; reason: AtelierError }[];
  files: SourceFiles;
}

const attempts = new WeakMap<Listing, Promise<Attempt>>();

export const tableImporter: Importer<FileScan> = {
  layouts: { table: 'A table of labels' },
  file: 'a table (CSV, TSV, JSON lines)',
  async detect(listing) {
    if (chosenTable(listing)) return true;
    return (await attempt(listing, new AbortController().signal)).tables.some(({ hits }) => hits > 0);
  },
  scan: scanTables,
  unused: warningsOfTables,
  read: readFiles,
};

async function warningsOfTables(listing: Listing, signal: AbortSignal): Promise<ImportWarning[]> {
  const { refused, tables } = await attempt(listing, signal);
  return [
    ...refused.map(({ reason }) => reason.message),
    ...tables.map(
      ({ table, miss }) =>
        `${table.name}: none of its rows names a file of this folder.${miss === null ? '' : ` The first has ${shown(miss.cell)}: ${miss.reason}`}`,
    ),
  ].map((text) => ({ code: 'TABLE_UNUSED', text: `A table is not used. ${text}` }));
}

const chosenTable = ({ root, files }: Listing): ListedFile | null =>
  files.length === 1 && files[0]!.path === root && isTableName(root) ? files[0]! : null;

/** Opens the tables of a source, once for each listing. */
function attempt(listing: Listing, signal: AbortSignal): Promise<Attempt> {
  let known = attempts.get(listing);
  if (!known) attempts.set(listing, (known = openTables(listing, signal)));
  return known;
}

async function openTables(chosen: Listing, signal: AbortSignal): Promise<Attempt> {
  const one = chosenTable(chosen);
  const listing = one ? await listFiles(dirname(chosen.root), signal) : chosen;
  const tables = one ? listing.files.filter(({ path }) => path === chosen.root) : tablesOf(listing.files);
  const files: SourceFiles = { root: listing.root, images: [], others: new Map() };
  const opened: Attempt = { listing, tables: [], refused: [], files };
  if (tables.length === 0) return opened;
  for (const file of listing.files) {
    if (signal.aborted) throw new AtelierError('CANCELLED', 'The import was cancelled.');
    if (isTableName(file.name)) continue;
    const reason = await reasonAgainst(file);
    if (reason === null) files.images.push(file);
    else files.others.set(file.name, reason);
  }
  for (const table of tables) {
    try {
      opened.tables.push(await openTable(table, files));
    } catch (thrown) {
      if (!(thrown instanceof AtelierError)) throw thrown;
      opened.refused.push({ table, reason: thrown });
    }
  }
  return opened;
}

/** The tables that lie highest: those of the data set, not of something deep within it. */
function tablesOf(files: readonly ListedFile[]): ListedFile[] {
  const depth = ({ name }: ListedFile) => name.split('/').length;
  const tables = files.filter(({ name }) => isTableName(name) && !isExample(name));
  const highest = tables.reduce((least, table) => Math.min(least, depth(table)), greatestDepth + 1);
  return tables.filter((table) => depth(table) === highest);
}

/** @throws SOURCE_UNREADABLE, CANCELLED */
async function scanTables(chosen: Listing, { options, signal }: ScanContext): Promise<FileScan> {
  const { listing, tables, refused, files } = await attempt(chosen, signal);
  const used = tables.length > 1 ? tables.filter(({ hits }) => hits > 0) : tables;
  if (used.length === 0) {
    const [first] = refused;
    if (first) throw first.reason;
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `Expected a table (CSV, TSV or JSON lines) whose rows name files in ${listing.root}, found none. Choose the table itself, or its folder.`,
      { path: listing.root },
    );
  }
  const rivals = used.filter((one) => used.some((other) => other !== one && other.part === one.part));
  // A table beside the images of each folder, as GTSRB and Hugging Face have them, is one table in pieces.
  const inPieces =
    rivals.every(({ ownFolder }) => ownFolder) &&
    new Set(rivals.map(({ table }) => posix.dirname(table.name))).size === rivals.length;
  if (!inPieces) {
    throw new AtelierError(
      'SOURCE_UNREADABLE',
      `Expected one table, or one for each part (such as train.csv and test.csv), found ${rivals.length}: ${rivals
        .slice(0, 8)
        .map(({ table }) => table.name)
        .join(', ')}. Choose one of them.`,
      { files: rivals.slice(0, 100).map(({ table }) => table.name) },
    );
  }
  const gathered = gatherRows(used, options);
  const { warnings } = gathered;
  const beside = options.withoutClass === 'unlabelled' ? unlistedImages(files, gathered) : [];
  const part = options.part ?? 'pool';
  const images: FoundImage[] = [
    ...gathered.images,
    ...beside.map(({ path, name }) => ({ path, name, className: null, part })),
  ];
  return {
    layout: 'table',
    asks: { withoutClass: 'unlabelled' },
    root: listing.root,
    statement: gathered.statement,
    ...countClasses(images),
    images,
    skipped: [
      ...gathered.skipped,
      ...unlisted(files, gathered, used, beside.length > 0),
      ...leftOver(listing, used),
      ...listing.skipped,
    ],
    warnings: [
      ...warnings,
      ...warningsOfClasses(images),
      ...refused.map(({ reason }) => ({
        code: 'TABLE_UNUSED',
        text: `A table is not used. ${reason.message}`,
      })),
    ],
    options: { ...options, layout: 'table' },
  };
}

/** Images that no row names. */
const unlistedImages = ({ images }: SourceFiles, { named }: Gathered): ListedFile[] =>
  images.filter(({ name }) => !named.has(name));

/** @param taken whether images that no row names are taken as unlabelled ones */
function unlisted(
  files: SourceFiles,
  gathered: Gathered,
  used: readonly OpenTable[],
  taken: boolean,
): SkippedFile[] {
  const { others } = files;
  const { named } = gathered;
  const which = used.length === 1 ? `the table ${posix.basename(used[0]!.table.name)}` : 'the tables';
  return [
    ...(taken ? [] : unlistedImages(files, gathered)).map(({ name }) => ({
      path: name,
      reason: `Not in ${which}.`,
    })),
    ...[...others].filter(([name]) => !named.has(name)).map(([path, reason]) => ({ path, reason })),
  ];
}

const leftOver = ({ files }: Listing, used: readonly OpenTable[]): SkippedFile[] =>
  files
    .filter(({ name }) => isTableName(name) && !used.some(({ table }) => table.name === name))
    .map(({ name }) => ({ path: name, reason: 'A table that is not used.' }));
