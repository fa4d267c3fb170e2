/** A report as Markdown: tables stand for drawings, and images are told in words. */
import type { Block } from './block.ts';
import { escapeMarkdown } from './escape.ts';

/** Ends with a line break. */
export const reportMarkdown = (blocks: readonly Block[]): string =>
  `${blocks
    .map(markdownOf)
    .filter((text) => text !== '')
    .join('\n\n')}\n`;

function markdownOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escapeMarkdown(block.text)}`;
    case 'text':
      return escapeMarkdown(block.text);
    case 'list':
      return block.items.map((item) => `- ${escapeMarkdown(item)}`).join('\n');
    case 'table': {
      const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
      const rule = `| ${block.head.map((_, at) => (at === 0 ? '---' : '---:')).join(' | ')} |`;
      return [line(block.head), rule, ...block.rows.map(line)].join('\n');
    }
    case 'figure':
      return block.undrawn.map(markdownOf).join('\n\n');
    case 'images':
      return block.images.map(({ caption }) => `- ${escapeMarkdown(caption)}`).join('\n');
    case 'code':
      return `\`\`\`\n${block.text.replaceAll('```', "'''")}\n\`\`\``;
  }
}
