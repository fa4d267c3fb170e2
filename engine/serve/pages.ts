/**
 * The two pages that the served studio writes itself: "opened" and "you may not come in". One script, a fixed text.
 */
import { type BrowserSession, sessionStorageName } from '#contract/resources.ts';

const style =
  ':root{color-scheme:light dark}body{margin:18vh auto;max-width:34rem;padding:0 1.5rem;font:1rem/1.6 system-ui,sans-serif}' +
  'h1{font-size:1.25rem;font-weight:600}p{opacity:.8}';

/** The style of both pages, for the policy's hash. */
export const pageStyle = style;

/**
 * Keeps what the answer brought where only this origin can read it, and goes on without the token in the address. For
 * the policy's hash.
 */
export const openingScript =
  'try{const{session}=document.currentScript.dataset;' +
  `if(session)localStorage.setItem(${JSON.stringify(sessionStorageName)},session);location.replace("/")}` +
  'catch{document.querySelector("p").textContent="Expected a browser that keeps data for this address, but it does not. ' +
  'Allow it, or leave the private window, and ask the terminal for a fresh address."}';

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title: string, text: string, script = '') =>
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  `<title>${escaped(title)}</title><style>${style}</style><h1>${escaped(title)}</h1><p>${escaped(text)}</p>${script}</html>`;

/**
 * Answer to a good token, with the session for the page to keep; without one to a browser that has it already. A page
 * that goes on by itself, not a redirect: after a redirect from another site's link the browser would hold the strict
 * cookie back.
 */
export const openedPage = (session: BrowserSession | null) =>
  page(
    'Opening Atelier',
    'One moment.',
    `<script${session ? ` data-session="${escaped(JSON.stringify(session))}"` : ''}>${openingScript}</script>`,
  );

export const refusedPage = (reason: string) => page('This studio is locked', reason);
