/**
 * What pages may not do: leave app://atelier, open windows, embed others, ask for permissions.
 * Pages and bytes themselves are left to protocol.ts, messages to ipc.ts.
 */
import type { App, Session, Shell } from 'electron';

export const scheme = 'app';
/** The one origin whose pages and messages are ours. */
export const ownOrigin = 'app://atelier';
export const startAddress = `${ownOrigin}/index.html`;

/** Addresses that a link may open in the system's browser; all others are refused. */
const externalLinks: readonly string[] = [
  'https://github.com/zalandoresearch/fashion-mnist',
  'https://www.tensorflow.org/install/pip',
  'https://onnx.ai/',
  'https://onnxruntime.ai/',
];

/** Origin of an address; '' for one that has none. `URL.origin` says "null" for app:// in Node. */
export function originOf(address: string): string {
  try {
    const { protocol, host } = new URL(address);
    return host === '' ? '' : `${protocol}//${host}`;
  } catch {
    return '';
  }
}

export const isOwnAddress = (address: string) => originOf(address) === ownOrigin;
export const isExternalLink = (address: string) => externalLinks.includes(address);

/** The export of a run. */
export const isExportAddress = (address: string) =>
  /^\/exports\/[a-z0-9-]{1,64}\.[a-z0-9]{1,16}$/.test(
    address.startsWith(ownOrigin) ? address.slice(ownOrigin.length) : '',
  );

/** Denies navigation, windows, webviews and redirects for every page there will ever be. */
export function guardContents(app: App, shell: Shell): void {
  app.on('web-contents-created', (_event, contents) => {
    const stayHome = (event: { preventDefault(): void }, address: string) => {
      if (!isOwnAddress(address)) event.preventDefault();
    };
    contents.on('will-navigate', (event, address) => stayHome(event, address));
    contents.on('will-redirect', (event, address) => stayHome(event, address));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (isExternalLink(url)) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
}

/** What the page itself drew, listed or fetched: a picture, a table of curves or of labels. Its bytes go from the page to the file alone. */
export const isOwnDrawing = (address: string, type: string): boolean =>
  address.startsWith(`blob:${ownOrigin}/`) && (type === 'image/png' || type === 'text/csv');

/** Denies every permission, and every download but exports and the page's own drawings; the camera will be the first exception, when somebody asks for it. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    const address = item.getURL();
    if (!isExportAddress(address) && !isOwnDrawing(address, item.getMimeType())) event.preventDefault();
  });
}
