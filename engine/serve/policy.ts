/**
 * The security headers of every answer, over HTTP and over app:// alike. Who is let in is left to access.ts
 * and main/security.ts.
 */
import { createHash } from 'node:crypto';

/** Texts that stand within a page instead of in a file of its own. */
interface Inline {
  style?: string;
  script?: string;
}

/**
 * Content security policy of a page: nothing but the studio's own files, and `inline`.
 * @param sockets origins of WebSockets the page may open, such as `ws://127.0.0.1:4000`
 */
export function contentSecurityPolicy(sockets: readonly string[] = [], inline: Inline = {}): string {
  const hashed = (text: string | undefined) =>
    text === undefined ? '' : ` 'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src 'self'${hashed(inline.script)}`,
    `style-src 'self'${hashed(inline.style)}`,
    "img-src 'self' blob:",
    "font-src 'self'",
    ["connect-src 'self'", ...sockets].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

/** For images, bundles and other bytes: even opened as a page of their own they can do nothing. */
export const resourcePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";

export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
} as const;
