/**
 * A small seeded generator (sfc32, Chris Doty-Humphrey's PractRand) for what must be the same on every engine
 * and every machine: first weights and batch order. Randomness inside a step is the engine's (tensorflow/random.ts).
 */

/** Uniform doubles in [0, 1), 32 random bits each. */
export type RandomStream = () => number;

/** @param parts whole numbers; other parts, another stream */
export function generator(...parts: number[]): RandomStream {
  // FNV-1a over the parts spreads near seeds apart; sfc32 then takes twelve rounds to mix.
  const state = [0x9e3779b9, 0x243f6a88, 0xb7e15162].map((start) => {
    let hash = start;
    for (const part of parts) {
      for (let byte = 0; byte < 4; byte += 1) {
        hash = Math.imul(hash ^ ((part >>> (8 * byte)) & 255), 0x01000193);
      }
    }
    return hash | 0;
  });
  let [a, b, c] = state as [number, number, number];
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** Standard normal values (Box and Muller 1958). */
export function normal(uniform: RandomStream): RandomStream {
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  };
}

/** Standard normal values within two deviations of zero; others are drawn again. */
export function truncatedNormal(uniform: RandomStream): RandomStream {
  const draw = normal(uniform);
  return () => {
    for (;;) {
      const value = draw();
      if (Math.abs(value) <= 2) return value;
    }
  };
}

/** Puts the list into a random order, all of them equally likely (Fisher and Yates). @returns the list */
export function shuffle<T extends unknown[] | Int32Array>(list: T, uniform: RandomStream): T {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const pick = Math.floor(uniform() * (last + 1));
    [list[last], list[pick]] = [list[pick]!, list[last]!];
  }
  return list;
}
