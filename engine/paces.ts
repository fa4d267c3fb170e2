/**
 * The paces of this machine in a file of the person's own, so that the next project profits from what this one measured.
 * Losing it costs the next estimate some sharpness and nothing else.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { Pace, withPaces } from '#learning/timing/paces.ts';
import { stateFile } from './app-root.ts';
import { makeFolder } from './places.ts';

/** Of the reference that ratios are told by: those of another one mean nothing. */
const format = 'atelier-paces/1';
const Paces = z.object({ format: z.literal(format), paces: z.array(Pace) });

const pacesFile = () => join(dirname(stateFile()), 'paces.json');

/** Oldest first; none where the file is missing or cannot be read. */
export function knownPaces(): Pace[] {
  try {
    return Paces.parse(JSON.parse(readFileSync(pacesFile(), 'utf8'))).paces;
  } catch {
    return [];
  }
}

export function rememberPaces(added: readonly Pace[]): void {
  if (added.length === 0) return;
  const paces = withPaces(knownPaces(), added);
  try {
    const file = pacesFile();
    makeFolder(dirname(file));
    writeFileSync(`${file}.part`, JSON.stringify({ format, paces }));
    renameSync(`${file}.part`, file);
  } catch {
    // A home that cannot be written to is no reason for a training to fail.
  }
}
