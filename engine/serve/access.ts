/**
 * Who may talk to a served studio: Host and Origin on exact lists, a one-time token that becomes a cookie.
 * Pure decisions on a request's headers; sockets and answers are left to index.ts.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** 256 bits, as text for an address or a cookie. */
const secret = () => randomBytes(32).toString('base64url');

/** Compares in constant time, whatever the lengths. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

export interface Access {
  /** A fresh one-time token; the ones before it stop working. */
  issueToken(): string;
  /** The `set-cookie` value for the right token, null for any other and for one already used. */
  redeem(token: string): string | null;
  hasCookie(headers: IncomingHttpHeaders): boolean;
  /** Why this request is refused before anything else is looked at; null when it may go on. */
  refusal(headers: IncomingHttpHeaders, kind: 'read' | 'open' | 'write' | 'upgrade'): string | null;
}

/**
 * @param port part of the cookie's name, since cookies are shared by all ports of a host
 * @param hosts the `Host` values that are ours, such as `127.0.0.1:4000`
 */
export function createAccess(port: number, hosts: readonly string[]): Access {
  const cookieName = `atelier-${port}`;
  const session = secret();
  let token: string | null = null;

  return {
    issueToken: () => (token = secret()),

    redeem(given) {
      if (token === null || !sameSecret(given, token)) return null;
      token = null;
      return `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },

    hasCookie({ cookie = '' }) {
      const values = cookie
        .split(';')
        .map((pair) => pair.trim().split('='))
        .filter(([name]) => name === cookieName);
      return values.length === 1 && sameSecret(values[0]![1] ?? '', session);
    },

    refusal(headers, kind) {
      const host = headers.host ?? '';
      if (!hosts.includes(host)) {
        return `Expected the host ${hosts.join(' or ')}, received ${host ? JSON.stringify(host) : 'none'}. Open the address printed in the terminal.`;
      }
      const { origin } = headers;
      const needsOrigin = kind === 'write' || kind === 'upgrade';
      if (origin === undefined ? needsOrigin : origin !== `http://${host}`) {
        return `Expected the origin http://${host}, received ${origin ?? 'none'}. Only the studio's own page may do this.`;
      }
      // A cookie's "site" has no port: another server on this machine is the same site, but not the same origin.
      const from = headers['sec-fetch-site'];
      if (kind !== 'open' && from !== undefined && from !== 'same-origin' && from !== 'none') {
        return "This address is the studio's own: open it from the address bar, not from another page.";
      }
      return null;
    },
  };
}
