/** Nodes of a TensorFlow.js model, which come in any order, each behind those that it takes from. Pure. */
import { type GraphNode, nameOf, refuse, shown } from './graph.ts';

/** @throws BACKBONE_REFUSED where two nodes give one tensor, or nodes wait for each other in a circle */
export function sorted<T extends GraphNode>(nodes: readonly T[], again: string): T[] {
  const producers = new Map<string, T>();
  for (const node of nodes)
    for (const output of node.outputs) {
      if (producers.has(output)) refuse('one node for each tensor', `two that give ${shown(output)}`, again);
      producers.set(output, node);
    }
  /** Of a node: how many that it takes from have not come yet. */
  const waiting = new Map<T, number>();
  const readers = new Map<T, T[]>();
  for (const node of nodes) {
    const from = node.inputs.flatMap((name) => producers.get(name) ?? []);
    waiting.set(node, from.length);
    for (const before of from) {
      const known = readers.get(before);
      if (known) known.push(node);
      else readers.set(before, [node]);
    }
  }
  const result = nodes.filter((node) => waiting.get(node) === 0);
  // Grows while it is gone through.
  for (const node of result)
    for (const reader of readers.get(node) ?? []) {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      if (left === 0) result.push(reader);
    }
  if (result.length < nodes.length) {
    const left = nodes.find((node) => waiting.get(node)! > 0)!;
    refuse('nodes of which none waits for itself', `a circle at or before ${nameOf(left)}`, again);
  }
  return result;
}
