/**
 * What the served studio gave this page when it let the browser in, and how it goes with each request: a header, a
 * subprotocol of the socket, a parameter of an image's address. In Electron there is none, and addresses stay as they are.
 */
import {
  BrowserSession,
  keyParameter,
  sessionHeader,
  sessionPath,
  sessionStorageName,
  socketProtocol,
} from '#contract/resources.ts';

let current: BrowserSession | null | undefined;

/** Reads it anew: another tab may have been let in, or logged out, meanwhile. */
export function readSession(): BrowserSession | null {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(sessionStorageName) ?? 'null');
    current = BrowserSession.nullable().catch(null).parse(kept);
  } catch {
    current = null;
  }
  return current;
}

const session = () => (current === undefined ? readSession() : current);

/** The address of an image or a bundle as this page may load it. Others, such as blob:, are left alone. */
export function addressOf(address: string): string {
  const known = address.startsWith('/') ? session() : null;
  if (!known) return address;
  return `${address}${address.includes('?') ? '&' : '?'}${keyParameter}=${known.key}`;
}

/** Headers of a request that changes something. */
export function sessionHeaders(): Record<string, string> {
  const known = readSession();
  return known ? { [sessionHeader]: known.secret } : {};
}

/** Subprotocols of the socket: the studio's, and the secret, which it does not say back. */
export function socketProtocols(): string[] {
  const known = readSession();
  return known ? [socketProtocol, `${socketProtocol}.${known.secret}`] : [socketProtocol];
}

/** Whether the studio runs and has this browser let in; `unreachable` where it does not answer. */
export async function askAdmission(): Promise<'admitted' | 'refused' | 'unreachable'> {
  try {
    const { status } = await fetch(sessionPath, { headers: sessionHeaders(), cache: 'no-store' });
    return status === 204 ? 'admitted' : status === 403 ? 'refused' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}

/** Ends this browser's session, in all its tabs, and leaves the studio. */
export async function logOut(): Promise<void> {
  // Where the studio has gone already, there is nothing left to end.
  await fetch(sessionPath, { method: 'POST', headers: sessionHeaders() }).catch(() => undefined);
  window.localStorage.removeItem(sessionStorageName);
  window.location.replace('/');
}

if (typeof window !== 'undefined') {
  window.addEventListener('storage', ({ key }) => {
    if (key === sessionStorageName || key === null) readSession();
  });
}
