/**
 * Tables as CSV (RFC 4180) that a spreadsheet may open: a cell that it would take for a formula is quoted
 * by an apostrophe, as OWASP advises, since class names come from anybody's folders.
 */

const cell = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  // A semicolon too: where it is the separator, what stands after it would be a cell of its own.
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Rows of cells as one text, each line ended by CRLF. */
export const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

/** A row per actual class, a column per predicted one. */
export const confusionCsv = (classes: readonly string[], confusion: readonly (readonly number[])[]): string =>
  csv([['actual \\ predicted', ...classes], ...confusion.map((row, index) => [classes[index]!, ...row])]);
