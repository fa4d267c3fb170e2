/** Names come from anybody's folders: nothing in one is markup, and none hides or turns round what stands beside it. */
import { visible } from '#contract/visible.ts';

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For HTML and SVG, in text and in attributes. */
export const escapeMarkup = (text: string): string =>
  visible(text).replaceAll(/[&<>"']/g, (character) => entities[character]!);

/** For Markdown, in a line of text or a cell of a table. */
export const escapeMarkdown = (text: string): string =>
  visible(text.replaceAll(/\s+/g, ' ').trim())
    .replaceAll(/[\\`*_[\]<>|~&$]/g, '\\$&')
    .replace(/^[-+=#]|^\d+(?=[.)](?:\s|$))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));
