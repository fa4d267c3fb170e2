/** In which order parts run: one after the other, and of light ones that follow each other two at a time. */

/**
 * @template {{light?: boolean}} P
 * @template T
 * @param {readonly P[]} parts
 * @param {(part: P) => Promise<T>} run
 * @returns {Promise<T[]>} what came of them, in their order
 */
export async function runInOrder(parts, run) {
  const results = [];
  let next = 0;
  while (next < parts.length) {
    let end = next + 1;
    if (parts[next].light) while (parts[end]?.light) end += 1;
    const work = async () => {
      while (next < end) {
        const at = next;
        next += 1;
        results[at] = await run(parts[at]);
      }
    };
    await Promise.all([work(), work()]);
  }
  return results;
}
