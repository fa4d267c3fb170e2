/**
 * `npm test`: installs what the tests need and runs everything, in order: types, layers, lint, build, units (the
 * engine on real TensorFlow and the command line among them), the window's parts and the studio in a real browser, the
 * studio in a real Electron, the exported file in Python. What had to be left out is named with its reason; with CI=true that is a failure.
 *
 *   npm test -- [--quick] [--only PART] [--coverage]
 *
 * Parts: see testing/parts.mjs; --quick leaves out the end-to-end parts; --coverage says how much of each room was run.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allowSystemPackages } from './setup/apt.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { checkNode, end } from './setup/parts.mjs';
import { root } from './setup/places.mjs';
import { say, seconds, SetupError } from './setup/say.mjs';
import { runInOrder } from './testing/order.mjs';
import { parts } from './testing/parts.mjs';
import { summarise } from './testing/summary.mjs';

const results = join(root, 'test-results');

function readOptions() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        coverage: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new SetupError(`${error.message}. Use: npm test -- [--quick] [--only PART] [--coverage]`);
  }
}

function chooseParts(values) {
  const names = parts.map((part) => part.name);
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown) throw new SetupError(`There is no part "${unknown}"; the parts are ${names.join(', ')}.`);
  if (values.only) return parts.filter((part) => values.only.includes(part.name));
  return values.quick ? parts.filter((part) => !part.slow) : parts;
}

/** Runs a part, and says what came of it. A fault of its own is a failure like any other. */
async function runPart(part, options) {
  const begun = Date.now();
  say(`\n── ${part.name}: ${part.about}`);
  const outcome = await part.run(options).catch((error) => ({
    passed: 0,
    failed: 1,
    skipped: 0,
    notes: [error instanceof SetupError ? error.message : error.stack],
  }));
  const milliseconds = Date.now() - begun;
  for (const note of outcome.notes ?? []) say(`   ${note}`);
  say(
    `   ${part.name}: ${outcome.passed} passed, ${outcome.failed} failed${outcome.skipped ? `, ${outcome.skipped} skipped` : ''} in ${seconds(milliseconds)}`,
  );
  return { name: part.name, milliseconds, ...outcome };
}

checkNode();
allowSystemPackages();
try {
  const values = readOptions();
  const chosen = chooseParts(values);
  await ensurePackages();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const begun = Date.now();
  const outcomes = await runInOrder(chosen, (part) => runPart(part, { results, coverage: values.coverage }));
  const leftOut = parts
    .filter((part) => !chosen.includes(part))
    .map((part) => ({ name: part.name, reason: 'not asked for' }));
  const { text, code } = summarise(outcomes, leftOut, process.env.CI === 'true', Date.now() - begun);
  if (values.coverage) {
    // Its tools come with the packages.
    const { coverageText } = await import('./testing/coverage.mjs');
    process.stdout.write(
      coverageText(
        results,
        chosen.map(({ name }) => name),
        root,
      ),
    );
  }
  process.stdout.write(text);
  process.exit(code);
} catch (error) {
  end(error);
}
