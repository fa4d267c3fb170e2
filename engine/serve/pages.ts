/**
 * The two pages that the served studio writes itself: "opened" and "you may not come in". No script in either.
 */
const style =
  ':root{color-scheme:light dark}body{margin:18vh auto;max-width:34rem;padding:0 1.5rem;font:1rem/1.6 system-ui,sans-serif}' +
  'h1{font-size:1.25rem;font-weight:600}p{opacity:.8}';

/** The style of both pages, for the policy's hash. */
export const pageStyle = style;

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title: string, text: string, head = '') =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">${head}` +
  `<title>${escaped(title)}</title><style>${style}</style><h1>${escaped(title)}</h1><p>${escaped(text)}</p></html>`;

/**
 * Answer to a good token. A page that goes on by itself, not a redirect: after a redirect from another
 * site's link the browser would hold the strict cookie back.
 */
export const openedPage = () =>
  page('Opening Atelier', 'One moment.', '<meta http-equiv="refresh" content="0;url=/">');

export const refusedPage = (reason: string) => page('This studio is locked', reason);
