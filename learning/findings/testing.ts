/** For tests only: pictures with something in them, and copies of them as people's are. */
import type { Neighbours } from '#learning/embeddings/nearest-others.ts';
import { generator, type RandomStream } from '#learning/random-numbers.ts';
import { dot } from './dot.ts';
import { picturePixels, pictureSide } from './grey-picture.ts';

/** A larger scene, so that what comes in at the edge of a moved picture is known: blobs of several sizes on a grey ground. */
export interface Scene {
  (x: number, y: number): number;
}

export function drawScene(random: RandomStream, blobs = 24): Scene {
  const list = Array.from({ length: blobs }, () => ({
    x: -8 + 48 * random(),
    y: -8 + 48 * random(),
    size: 1.5 + 5 * random() ** 2,
    height: 160 * (random() - 0.5),
  }));
  return (x, y) =>
    list.reduce(
      (sum, blob) =>
        sum + blob.height * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / (2 * blob.size ** 2)),
      120,
    );
}

export interface Change {
  right?: number;
  down?: number;
  brightness?: number;
  mirrored?: boolean;
  /** Standard deviation of what encoding leaves, in grey levels. */
  noise?: number;
}

/** [32, 32] of a scene. */
export function takePicture(
  scene: Scene,
  random: RandomStream,
  { right = 0, down = 0, brightness = 1, mirrored = false, noise = 0 }: Change = {},
): Uint8Array {
  return Uint8Array.from({ length: picturePixels }, (_, at) => {
    const x = at % pictureSide;
    const y = Math.floor(at / pictureSide);
    const across = (mirrored ? pictureSide - 1 - x : x) - right;
    const value = brightness * scene(across, y - down) + noise * (random() + random() + random() - 1.5) * 2;
    return Math.max(0, Math.min(255, Math.round(value)));
  });
}

export const together = (pictures: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(pictures.length * picturePixels);
  pictures.forEach((picture, at) => all.set(picture, at * picturePixels));
  return all;
};

/** Pictures of as many scenes, and changed copies of the first ones after them. */
export function drawPictures(count: number, changes: readonly Change[], seed = 1): Uint8Array {
  const random = generator(seed);
  const scenes = Array.from({ length: count }, () => drawScene(random));
  return together([
    ...scenes.map((scene) => takePicture(scene, random)),
    ...changes.map((change, at) => takePicture(scenes[at]!, random, change)),
  ]);
}

/** The nearest of each by cosine, each compared with each; of the studio's own by the engine (embeddings/nearest-others.ts). */
export function nearest(vectors: Float32Array, size: number, count: number): Neighbours {
  const images = vectors.length / size;
  const norm = (place: number) => Math.sqrt(dot(vectors, place * size, vectors, place * size, size));
  const norms = Array.from({ length: images }, (_, place) => Math.max(norm(place), 1e-9));
  const places = new Int32Array(images * count).fill(-1);
  const cosines = new Float32Array(images * count);
  for (let place = 0; place < images; place++)
    Array.from({ length: images }, (_, other) => ({
      other,
      cosine: dot(vectors, place * size, vectors, other * size, size) / (norms[place]! * norms[other]!),
    }))
      .filter(({ other }) => other !== place)
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, count)
      .forEach(({ other, cosine }, rank) => {
        places[place * count + rank] = other;
        cosines[place * count + rank] = cosine;
      });
  return { count, places, cosines };
}
