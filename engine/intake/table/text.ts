/**
 * The text of a table: from bytes of whatever encoding to rows of cells, for CSV and its kin (read by papaparse) and
 * for JSON lines. What the columns mean is left to columns.ts. A cell is data: "=cmd()" is a text like any other.
 */
import Papa from 'papaparse';
import { AtelierError } from '#contract/errors.ts';

export interface TableText {
  /** Names in the first row of a CSV, or the keys of JSON lines; [] for an empty table. */
  columns: string[];
  rows: TableRow[];
  /** Lines of JSON that are none. */
  faults: { row: number; reason: string }[];
  encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252';
  /** null for JSON lines. */
  delimiter: string | null;
}

export interface TableRow {
  /** Counted from 1, the header included. */
  row: number;
  /** As many as there are columns in this row; null where JSON holds no text, number or truth value. */
  cells: (string | null)[];
}

export const greatestTable = 256 * 1024 * 1024;
const greatestRows = 1_000_000;
const greatestColumns = 1_000;
const delimiters = [',', ';', '\t', '|'];

const refused = (name: string, message: string, cause?: unknown) =>
  new AtelierError('SOURCE_UNREADABLE', `${name}: ${message}`, { file: name }, { cause });

/** Whether a file is a table by its name. */
export const isTableName = (name: string) => /\.(csv|tsv|jsonl|ndjson)$/i.test(name);

/** @throws SOURCE_UNREADABLE where it is no text, no table, or more than is read */
export function parseTable(bytes: Uint8Array, name: string): TableText {
  const { text, encoding } = decode(bytes, name);
  const lines = text.replace(/\r\n?/g, '\n');
  if (/\.(jsonl|ndjson)$/i.test(name)) return { ...parseJsonLines(lines, name), encoding, delimiter: null };
  return { ...parseCsv(lines, name), encoding };
}

function decode(bytes: Uint8Array, name: string): { text: string; encoding: TableText['encoding'] } {
  if (bytes.length > greatestTable) {
    throw refused(
      name,
      `Expected a table of at most ${greatestTable} bytes, received ${bytes.length}. Split it into several.`,
    );
  }
  const utf16 = utf16Of(bytes);
  if (utf16) return { text: new TextDecoder(utf16).decode(bytes), encoding: 'UTF-16' };
  if (bytes.includes(0))
    throw refused(name, 'Expected a table as text, received binary data. Save it as CSV in UTF-8.');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'UTF-8' };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'Windows-1252' };
  }
}

/** By the byte order mark, or by every other byte being zero at the start. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (bytes.length < 4 || bytes.length % 2 !== 0) return null;
  const start = bytes.subarray(0, 64);
  const zeros = (from: number) => start.every((byte, at) => at % 2 !== from || byte === 0);
  const filled = (from: number) => start.every((byte, at) => at % 2 !== from || byte !== 0);
  if (zeros(1) && filled(0)) return 'utf-16le';
  return zeros(0) && filled(1) ? 'utf-16be' : null;
}

function parseCsv(text: string, name: string): Omit<TableText, 'encoding'> {
  // Excel's own way to name the delimiter.
  const named = /^sep=(.)\n/i.exec(text);
  const body = named ? text.slice(named[0].length) : text;
  const delimiter = named?.[1] ?? delimiterOf(body, name);
  const { data, errors } = Papa.parse<string[]>(body, {
    delimiter,
    newline: '\n',
    preview: greatestRows + 2,
  });
  const [quotes] = errors.filter(({ type }) => type === 'Quotes');
  if (quotes) {
    const unclosed = quotes.code === 'MissingQuotes';
    throw refused(
      name,
      `Expected quotes (") that are closed, but ${unclosed ? 'one that opens' : 'a quoted cell'} in row ${(quotes.row ?? 0) + 1} ${
        unclosed ? 'never is' : 'goes on after its end'
      }. Write quotes within a cell twice ("") and import again.`,
    );
  }
  checkSize(data.length - 1, data[0]?.length ?? 0, name);
  const [header = [], ...rest] = data;
  return {
    columns: header.every((cell) => cell.trim() === '') ? [] : header,
    rows: rest
      .map((cells, at) => ({ row: at + 2, cells }))
      .filter(({ cells }) => cells.some((cell) => cell.trim() !== '')),
    faults: [],
    delimiter,
  };
}

/** The one that splits the first row, and the rows after it into as many cells; the comma where none does. */
function delimiterOf(text: string, name: string): string {
  const candidates = /\.tsv$/i.test(name) ? ['\t', ...delimiters] : delimiters;
  let best = { delimiter: candidates[0]!, score: 0 };
  for (const delimiter of candidates) {
    const { data } = Papa.parse<string[]>(text.slice(0, 1 << 16), { delimiter, newline: '\n', preview: 30 });
    const [first, ...rows] = data.filter((cells) => cells.some((cell) => cell.trim() !== ''));
    if (!first || first.length < 2) continue;
    const alike = rows.filter((cells) => cells.length === first.length).length;
    const score = 1 + alike / Math.max(rows.length, 1);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function parseJsonLines(text: string, name: string): Omit<TableText, 'encoding' | 'delimiter'> {
  const at = new Map<string, number>();
  const rows: TableRow[] = [];
  const faults: TableText['faults'] = [];
  let row = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    row++;
    if (line === '') continue;
    checkSize(rows.length + faults.length + 1, at.size, name);
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      faults.push({ row, reason: 'This line is not JSON.' });
      continue;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      faults.push({ row, reason: 'This line is JSON, but no object.' });
      continue;
    }
    const cells: (string | null)[] = new Array<null>(at.size).fill(null);
    for (const [key, cell] of Object.entries(value)) {
      let column = at.get(key);
      if (column === undefined) at.set(key, (column = at.size));
      cells[column] = ['string', 'number', 'boolean'].includes(typeof cell) ? String(cell) : null;
    }
    checkSize(rows.length, at.size, name);
    rows.push({ row, cells });
  }
  return { columns: [...at.keys()], rows, faults };
}

function checkSize(rows: number, columns: number, name: string): void {
  if (rows > greatestRows)
    throw refused(name, `Expected at most ${greatestRows} rows, received more. Split the table.`);
  if (columns > greatestColumns) {
    throw refused(
      name,
      `Expected at most ${greatestColumns} columns, received ${columns}. Keep those for the file and the class.`,
    );
  }
}
