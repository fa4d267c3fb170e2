/** Entry of a thread of compare-pictures.ts: compares its part of the pictures, tells how far it is, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { alikePictures } from '#learning/findings/near-duplicates.ts';
import { finish } from '#learning/work-in-turns.ts';
import type { Comparing, ComparingAnswer } from './compare-pictures.ts';

const { pictures, neighbours, from, to } = workerData as Comparing;
const say = (answer: ComparingAnswer) => parentPort!.postMessage(answer);
let told = from;
const pairs = finish(
  alikePictures(pictures, neighbours, {
    from,
    to,
    onPicture(place) {
      if (place - told < 256) return;
      told = place;
      say({ done: place - from });
    },
  }),
);
say({ pairs });
