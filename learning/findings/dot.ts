/** Products of vectors that lie in larger arrays. */

/** Four sums side by side: one would wait for itself. */
export function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, length: number): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  let at = 0;
  for (; at + 3 < length; at += 4) {
    p += a[fromA + at]! * b[fromB + at]!;
    q += a[fromA + at + 1]! * b[fromB + at + 1]!;
    r += a[fromA + at + 2]! * b[fromB + at + 2]!;
    s += a[fromA + at + 3]! * b[fromB + at + 3]!;
  }
  for (; at < length; at++) p += a[fromA + at]! * b[fromB + at]!;
  return p + q + r + s;
}
