/** A report as one HTML file that asks for nothing else: no script, no style and no image from elsewhere. */
import type { Block } from './block.ts';
import { escapeMarkup } from './escape.ts';

/** @param title of the page */
export const reportHtml = (blocks: readonly Block[], title: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${blocks.map(htmlOf).join('\n')}
</main>
</body>
</html>
`;

function htmlOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${escapeMarkup(block.text)}</h${block.level}>`;
    case 'text':
      return `<p>${escapeMarkup(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escapeMarkup(item)}</li>`).join('')}</ul>`;
    case 'table': {
      const row = (cells: readonly string[], tag: 'th' | 'td') =>
        `<tr>${cells.map((cell) => `<${tag}>${escapeMarkup(cell)}</${tag}>`).join('')}</tr>`;
      return `<table><thead>${row(block.head, 'th')}</thead><tbody>${block.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
    }
    case 'figure':
      return `<figure>${block.svg.replace('<svg ', `<svg aria-label="${escapeMarkup(block.alternative)}" `)}<figcaption>${escapeMarkup(block.caption)}</figcaption></figure>`;
    case 'images':
      return `<div class="images">${block.images
        .map(({ bytes, type, caption }) => {
          const picture = bytes
            ? `<img alt="" src="data:${type};base64,${Buffer.from(bytes).toString('base64')}">`
            : '<span class="none">cannot be read</span>';
          return `<figure>${picture}<figcaption>${escapeMarkup(caption)}</figcaption></figure>`;
        })
        .join('')}</div>`;
    case 'code':
      return `<pre>${escapeMarkup(block.text)}</pre>`;
  }
}

const style = `
:root { color-scheme: light dark; --ink: #1b1b1a; --ink-2: #5d5b57; --line: #dedcd6; --ground: #fbfaf8; --accent: #3b49c6; --accent-ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecebe8; --ink-2: #a3a19b; --line: #3a3936; --ground: #1c1b1a; --accent: #8c97f2; --accent-ink: #16161d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/24px system-ui, sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 48px 24px 96px; }
h1 { margin: 0 0 8px; font-size: 32px; line-height: 40px; letter-spacing: -0.02em; }
h2 { margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); font-size: 20px; line-height: 28px; }
p, ul, table, figure, pre, .images { margin: 0 0 16px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 4px 0 4px 16px; border-bottom: 1px solid var(--line); text-align: right; font-weight: 400; }
th { color: var(--ink-2); }
th:first-child, td:first-child { padding-left: 0; text-align: left; overflow-wrap: anywhere; }
figure { display: inline-block; margin-right: 24px; vertical-align: top; }
figcaption { max-width: 320px; color: var(--ink-2); font-size: 13px; line-height: 20px; }
svg { max-width: 100%; height: auto; }
svg text { fill: var(--ink-2); font: 11px system-ui, sans-serif; }
svg .over { fill: var(--accent-ink); }
.grid { stroke: var(--line); fill: none; }
.line { stroke: var(--accent); stroke-width: 2; fill: none; }
.dashed { stroke: var(--ink-2); stroke-width: 1; stroke-dasharray: 4 4; }
.cell { fill: var(--accent); fill-opacity: calc(0.04 + 0.96 * var(--share)); }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 16px; }
.images figure { margin: 0; }
.images img { display: block; width: 100%; height: 128px; object-fit: contain; background: color-mix(in srgb, var(--ink) 6%, transparent); image-rendering: auto; }
.none { display: grid; height: 128px; place-items: center; color: var(--ink-2); }
pre { overflow: auto; padding: 16px; background: color-mix(in srgb, var(--ink) 5%, transparent); font-size: 13px; line-height: 20px; }
@media print { main { padding: 0; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
`;
