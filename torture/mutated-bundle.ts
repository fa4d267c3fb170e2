/**
 * Flips bits at every byte of a small bundle, one byte at a time, and asks it: what was changed must be refused by a typed
 * error, or be a byte without a meaning (a date in the zip, say), and then the answer is the same number for number.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AtelierError } from '#contract/errors.ts';
import type { Picture } from '#engine/images/decode/decode.ts';
import { type OpenBundle, openBundle } from '#engine/worker/bundle.ts';
import { exportRun } from '#learning/export/export-run.ts';
import { manifestName } from '#learning/export/manifest.ts';
import { exportInputOf, reseal, sampleNetwork } from '#learning/export/testing.ts';
import { inTrialFolder, type TrialOptions } from './trials.ts';

interface MutationOptions extends Pick<TrialOptions, 'onLine'> {
  /** What a byte is xored with, each in turn at every place; `places` says which bytes are taken. */
  patterns: readonly number[];
  /** Every byte where absent; else whether the byte at this offset is taken with this pattern. */
  places?: (offset: number, pattern: number) => boolean;
  /** Whether the bundle has a manifest; those of earlier versions have none. */
  manifest?: boolean;
  /** How it is opened; a test's own way, to show that what goes wrong is noticed. */
  open?: (path: string) => Promise<OpenBundle>;
}

/** Needs an engine, which makes the bundle. */
export async function mutateEveryByte(options: MutationOptions) {
  const { patterns, places = () => true, manifest = true, open = openBundle } = options;
  const { onLine = () => undefined } = options;
  const result = {
    /** Bytes of the bundle. */
    size: 0,
    trials: 0,
    /** Refusals by their code. */
    refused: {} as Record<string, number>,
    /** Predicted the same. */
    same: 0,
    /** Predicted otherwise, or failed by an error that has no code of its own. */
    wrong: [] as string[],
  };
  return inTrialFolder('bundle', result, async (folder) => {
    const [whole, mutated] = [join(folder, 'whole.zip'), join(folder, 'mutated.zip')];
    const sample = await sampleNetwork([{ kind: 'conv', filters: 2 }, { kind: 'flatten' }], {
      height: 8,
      width: 8,
      classCount: 3,
      images: 3,
    });
    await exportRun('bundle', exportInputOf(sample, whole));
    if (!manifest) await reseal(whole, whole, { [manifestName]: null });
    const picture: Picture = {
      pixels: sample.golden.pixels.slice(0, 8 * 8 * 3),
      height: 8,
      width: 8,
      channels: 3,
    };
    const ask = async (path: string) => {
      const bundle = await open(path);
      try {
        const { probabilities } = await bundle.predict(picture, 'picture');
        return { classes: bundle.classes, probabilities };
      } finally {
        await bundle.close();
      }
    };
    const expected = await ask(whole);
    const bytes = await readFile(whole);
    result.size = bytes.length;
    for (const pattern of patterns) {
      for (let offset = 0; offset < bytes.length; offset += 1) {
        if (!places(offset, pattern)) continue;
        result.trials += 1;
        bytes[offset]! ^= pattern;
        await writeFile(mutated, bytes);
        bytes[offset]! ^= pattern;
        const where = `byte ${offset} ^ 0x${pattern.toString(16).padStart(2, '0')}`;
        try {
          const received = await ask(mutated);
          if (isDeepStrictEqual(received, expected)) result.same += 1;
          else result.wrong.push(`${where}: ${JSON.stringify(received)}`);
        } catch (error) {
          const code = error instanceof AtelierError ? error.code : 'INTERNAL';
          if (code === 'INTERNAL') result.wrong.push(`${where}: ${String(error)}`);
          else result.refused[code] = (result.refused[code] ?? 0) + 1;
        }
        if (result.trials % 20_000 === 0)
          onLine(`${result.trials} mutations, ${result.wrong.length} wrong so far`);
      }
    }
  });
}
