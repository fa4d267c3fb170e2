/**
 * The process that is killed while it exports: writes the bundle of an input that was put aside (export.ts) and says
 * "exported", or the code of the error. Its unfinished file has a fixed name, so that strace can watch it.
 */
import { readFile } from 'node:fs/promises';
import { deserialize } from 'node:v8';
import { toWireError } from '#contract/errors.ts';
import { exportRun } from '#learning/export/export-run.ts';
import type { ExportInput } from '#learning/export/export-input.ts';
import { streamDurably } from '#learning/files/durable-file.ts';
import { streamInPlace } from './sabotage.ts';

const [input, path, temporary, sabotage] = process.argv.slice(2) as [string, string, string, string?];

async function main(): Promise<void> {
  const given = deserialize(await readFile(input)) as ExportInput;
  await exportRun('bundle', { ...given, path }, (to, parts, options) =>
    sabotage === 'in-place' ? streamInPlace(to, parts) : streamDurably(to, parts, { ...options!, temporary }),
  );
}

void main().then(
  () => process.stdout.write('exported\n'),
  (error: unknown) => {
    process.stdout.write(`${toWireError(error).code}\n`);
    process.exitCode = 3;
  },
);
