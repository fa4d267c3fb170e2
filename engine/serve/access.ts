/**
 * Who may talk to a served studio: Host and Origin on exact lists, a one-time token that becomes a session of one browser.
 * A session is a cookie and two secrets that stay with the page's origin, and nothing of the studio's is reached without
 * both. Pure decisions on a request's headers; sockets and answers are left to index.ts and answer.ts.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type BrowserSession, sessionHeader, socketProtocol } from '#contract/resources.ts';
import { newSecret, sameSecret } from './secrets.ts';

/** A browser that was let in. */
export interface Session {
  readonly cookie: string;
  /** What the page keeps. */
  readonly page: BrowserSession;
}

export interface Redeemed {
  session: Session;
  /** Value of the `set-cookie` header. */
  setCookie: string;
}

export interface Access {
  /** A fresh one-time token; the ones before it stop working. */
  issueToken(): string;
  /** The session for the right token, null for any other and for one already used. A browser that has one keeps it. */
  redeem(token: string, headers: IncomingHttpHeaders): Redeemed | null;
  /** By the cookie alone: good for the window's own files, which hold nothing of anybody's. */
  known(headers: IncomingHttpHeaders): Session | null;
  /** By cookie and secret: good for everything. */
  admitted(headers: IncomingHttpHeaders): Session | null;
  /** By cookie and key, which an image's address carries: good for reading images and bundles. */
  shown(headers: IncomingHttpHeaders, key: string): Session | null;
  /** @returns the `set-cookie` value that makes the browser forget */
  end(session: Session): string;
  /** Why this request is refused before anything else is looked at; null when it may go on. */
  refusal(headers: IncomingHttpHeaders, kind: RequestKind): string | null;
}

/** `open` and `read` are GETs, `program` comes from the command line and from no page. */
export type RequestKind = 'read' | 'open' | 'write' | 'upgrade' | 'program';

const sessionsKept = 32;
/** Long enough to outlive the browser; worth nothing once the studio has ended. */
const cookieSeconds = 7 * 24 * 60 * 60;
/** Each port has its own, and a browser sends them all to every server of this machine: few are left to it. */
const cookiesLeft = 8;

/**
 * @param port part of the cookie's name, since cookies are shared by all ports of a host
 * @param hosts the `Host` values that are ours, such as `127.0.0.1:4000`
 */
export function createAccess(port: number, hosts: readonly string[]): Access {
  const cookieName = `atelier-${port}`;
  const attributes = 'HttpOnly; SameSite=Strict; Path=/';
  let sessions: Session[] = [];
  let token: string | null = null;

  const known: Access['known'] = (headers) => {
    const values = cookiesOf(headers).filter(({ name }) => name === cookieName);
    if (values.length !== 1) return null;
    // All are compared, so that the time tells nothing of which.
    const found = sessions.filter(({ cookie }) => sameSecret(values[0]!.value, cookie));
    return found[0] ?? null;
  };

  return {
    issueToken: () => (token = newSecret()),

    redeem(given, headers) {
      if (token === null || !sameSecret(given, token)) return null;
      token = null;
      const session = known(headers) ?? {
        cookie: newSecret(),
        page: { secret: newSecret(), key: newSecret() },
      };
      sessions = [...sessions.filter((other) => other !== session), session].slice(-sessionsKept);
      return {
        session,
        setCookie: `${cookieName}=${session.cookie}; Max-Age=${cookieSeconds}; ${attributes}`,
      };
    },

    known,

    admitted(headers) {
      const session = known(headers);
      return session && sameSecret(secretOf(headers), session.page.secret) ? session : null;
    },

    shown(headers, key) {
      const session = known(headers);
      return session && sameSecret(key, session.page.key) ? session : null;
    },

    end(session) {
      sessions = sessions.filter((other) => other !== session);
      return `${cookieName}=; Max-Age=0; ${attributes}`;
    },

    refusal(headers, kind) {
      const host = headers.host ?? '';
      if (!hosts.includes(host)) {
        return `Expected the host ${hosts.join(' or ')}, received ${host ? JSON.stringify(host) : 'none'}. Open the address printed in the terminal.`;
      }
      const { origin } = headers;
      if (kind === 'program') {
        return origin === undefined && headers['sec-fetch-site'] === undefined
          ? null
          : 'This address is for the command line, not for a page.';
      }
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

interface Cookie {
  name: string;
  value: string;
}

/** In the order they were sent, the oldest first. */
function cookiesOf({ cookie = '' }: IncomingHttpHeaders): Cookie[] {
  return cookie.split(';').map((pair) => {
    const [name = '', value = ''] = pair.trim().split('=');
    return { name, value };
  });
}

/** `set-cookie` values that remove what studios of other ports left behind long ago. */
export function forgottenCookies(headers: IncomingHttpHeaders): string[] {
  const ours = cookiesOf(headers).filter(({ name }) => /^atelier-\d{1,5}$/.test(name));
  return ours
    .slice(0, Math.max(0, ours.length - cookiesLeft))
    .map(({ name }) => `${name}=; Max-Age=0; Path=/`);
}

/** The secret of a request: its header, or the subprotocol of a socket, where no header can be set. */
function secretOf(headers: IncomingHttpHeaders): string {
  const given = headers[sessionHeader];
  if (typeof given === 'string') return given;
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const prefix = `${socketProtocol}.`;
  return offered.find((name) => name.startsWith(prefix))?.slice(prefix.length) ?? '';
}
