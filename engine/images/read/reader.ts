/** Entry of a thread of readers.ts: reads batches of files until it is ended. What it reads is in read-plain.ts. */
import { parentPort } from 'node:worker_threads';
import { PlainReader } from './read-plain.ts';
import type { Answer, ReadRequest } from './readers.ts';

const reader = new PlainReader();
parentPort!.on('message', ({ id, paths }: ReadRequest) => {
  const batch = reader.read(paths);
  const answer: Answer = { id, batch };
  parentPort!.postMessage(answer, [batch.thumbnails.buffer as ArrayBuffer]);
});
