/** What the preload adds to the window in Electron; absent in a browser. */
import type { Bridge } from '#contract/bridge.ts';

declare global {
  interface Window {
    atelier?: Bridge;
  }
}
