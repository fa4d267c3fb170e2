/**
 * Names that newer Node versions have as globals and Electron 22's Node 16 does not, taken from Node's own
 * modules. To be imported first by the entries that Electron starts (main and the studio process).
 */
import { Blob as NodeBlob } from 'node:buffer';
import { webcrypto } from 'node:crypto';
import {
  ReadableStream as NodeReadableStream,
  TransformStream as NodeTransformStream,
} from 'node:stream/web';

/** oRPC asks `value instanceof X` of these; nothing here is one of them, so an empty class answers rightly. */
class Absent {}

const own: Record<string, unknown> = {
  Blob: NodeBlob,
  ReadableStream: NodeReadableStream,
  TransformStream: NodeTransformStream,
  File: Absent,
  FormData: Absent,
  crypto: webcrypto,
};
for (const [name, value] of Object.entries(own)) {
  if (!(name in globalThis))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
