/** What a report is made of, whatever it is written as: html.ts and markdown.ts write each kind of block. */

export type Block =
  | { kind: 'heading'; level: 1 | 2; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: readonly string[] }
  /** All columns but the first are numbers. */
  | { kind: 'table'; head: readonly string[]; rows: readonly (readonly string[])[] }
  /** A drawing, SVG whose text is escaped; `alternative` says the same in words, and `undrawn` stands in its place where nothing can be drawn. */
  | { kind: 'figure'; svg: string; caption: string; alternative: string; undrawn: readonly Block[] }
  | { kind: 'images'; images: readonly ReportImage[] }
  | { kind: 'code'; text: string };

export interface ReportImage {
  /** PNG or JPEG; null where the image could not be read. */
  bytes: Uint8Array | null;
  type: 'image/png' | 'image/jpeg';
  caption: string;
}
