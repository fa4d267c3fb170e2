/** A sketch is what its paper says, and follows a picture that is moved or mirrored. */
import { describe, expect, it } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import { golden, made } from './golden/golden.ts';
import { pictureSide } from './grey-picture.ts';
import { mirrorSketch, sketchPicture, sketchSize } from './sketch.ts';
import { drawScene, takePicture } from './testing.ts';

const sketchOf = (picture: Uint8Array, shift: [number, number] = [0, 0]) => {
  const sketch = new Float32Array(sketchSize);
  sketchPicture(picture, 0, shift, sketch);
  return sketch;
};
const mirror = (picture: Uint8Array) =>
  picture.map((_, at) => picture[at - (at % pictureSide) + pictureSide - 1 - (at % pictureSide)]!);

describe('a sketch', () => {
  it("is SciPy's DCT of the middle", () => {
    const [first, ...others] = sketchOf(made(1024, 7));
    expect(first).toBeCloseTo(golden.sketch[64]!, 1);
    others.forEach((value, at) => expect(value).toBeCloseTo(golden.sketch[at + 1]!, 1));
  });

  it('moved is that of the moved picture, and mirrored that of the mirrored one', () => {
    const scene = drawScene(generator(3));
    for (const [right, down] of [
      [3, -3],
      [-2, 1],
      [0, 2],
    ] as const) {
      const moved = sketchOf(takePicture(scene, generator(1), { right, down }));
      sketchOf(takePicture(scene, generator(1)), [right, down]).forEach((value, at) =>
        expect(value).toBeCloseTo(moved[at]!, 2),
      );
    }
    const mirrored = sketchOf(takePicture(scene, generator(1)));
    mirrorSketch(mirrored);
    sketchOf(mirror(takePicture(scene, generator(1)))).forEach((value, at) =>
      expect(value).toBeCloseTo(mirrored[at]!, 1),
    );
  });
});
