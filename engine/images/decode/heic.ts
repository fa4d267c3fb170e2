/**
 * Decodes HEIC with libheif's WebAssembly build, since libvips as sharp ships it has no HEVC decoder. In a thread of its
 * own: decoding takes seconds for a large photograph, and WebAssembly gives memory back only when its thread ends.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Threads from 'node:worker_threads';
import { Worker as Thread } from 'node:worker_threads';
import { appRoot } from '../../app-root.ts';
import type { Samples } from './samples.ts';

interface Decoded {
  width: number;
  height: number;
  /** [height, width, 4]; turned upright as the file says. */
  data: Uint8Array;
  images: number;
}
type Answer = { id: number; decoded: Decoded } | { id: number; error: string };

interface HeifImage {
  is_primary(): boolean;
  get_width(): number;
  get_height(): number;
  display(
    target: { data: Uint8ClampedArray; width: number; height: number },
    done: (found: unknown) => void,
  ): void;
  free(): void;
}

/** What the thread runs. Handed over as text, so it refers to nothing around it. */
function threadMain(): void {
  /* eslint-disable @typescript-eslint/no-require-imports -- a thread begun from text is CommonJS */
  const { parentPort, workerData } = require('node:worker_threads') as typeof Threads;
  // What libheif complains about goes to the answer, not to the terminal.
  Object.assign(console, { log: () => undefined, error: () => undefined });
  const { HeifDecoder } = require((workerData as { libheif: string }).libheif) as {
    HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] };
  };
  parentPort!.on('message', ({ id, bytes }: { id: number; bytes: Uint8Array }) => {
    const fail = (error: unknown) => parentPort!.postMessage({ id, error: String(error) });
    try {
      const images = new HeifDecoder().decode(bytes);
      const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
      if (!image) return fail('no image');
      const width = image.get_width();
      const height = image.get_height();
      image.display({ data: new Uint8ClampedArray(width * height * 4), width, height }, (found) => {
        const data = (found as { data: Uint8ClampedArray } | null)?.data;
        for (const each of images) each.free();
        if (!data) return fail('not decoded');
        const pixels = new Uint8Array(data.buffer);
        parentPort!.postMessage({ id, decoded: { width, height, data: pixels, images: images.length } }, [
          pixels.buffer as ArrayBuffer,
        ]);
      });
    } catch (thrown) {
      fail(thrown);
    }
  });
}

interface Waiting {
  resolve(decoded: Decoded): void;
  reject(error: Error): void;
}
let thread: Thread | null = null;
let decodedBytes = 0;
let lastId = 0;
const waiting = new Map<number, Waiting>();
/** Decoded bytes after which the thread is replaced, to give back what it took. */
const replaceAfter = 512 * 1024 * 1024;

function start(): Thread {
  const libheif = createRequire(join(appRoot(), 'package.json')).resolve('libheif-js/wasm-bundle');
  const started = new Thread(`(${threadMain.toString()})()`, { eval: true, workerData: { libheif } });
  const ended = (error: Error) => {
    if (thread !== started) return;
    thread = null;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  started.on('message', (answer: Answer) => {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) call?.reject(new Error(answer.error));
    else {
      decodedBytes += answer.decoded.data.length;
      call?.resolve(answer.decoded);
    }
    if (waiting.size > 0) return;
    // It keeps no process alive that has nothing else to do.
    started.unref();
    if (decodedBytes < replaceAfter) return;
    decodedBytes = 0;
    thread = null;
    void started.terminate();
  });
  started.on('error', ended);
  started.on('exit', () => ended(new Error('The HEIC decoder ended.')));
  return started;
}

/** @returns [height, width, 4], upright: HEIC's own rotation is applied, EXIF's is not @throws what libheif complains about */
export async function decodeHeic(bytes: Uint8Array): Promise<Samples> {
  thread ??= start();
  const { data, width, height, images } = await new Promise<Decoded>((resolve, reject) => {
    const id = ++lastId;
    waiting.set(id, { resolve, reject });
    thread!.ref();
    thread!.postMessage({ id, bytes });
  });
  return { data, width, height, channels: 4, several: images > 1 ? 'pages' : undefined };
}
