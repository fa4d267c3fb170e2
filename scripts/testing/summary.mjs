/** From the parts' outcomes to the closing table, the plain last line and the exit code. */
import { seconds } from '../setup/say.mjs';

/**
 * @param {{name: string, milliseconds: number, passed: number, failed: number, skipped: number, leftOut?: string}[]} outcomes
 *   leftOut: why the part could not run here
 * @param {{name: string, reason: string}[]} notAsked parts that this call did not choose
 * @param {boolean} strict nothing may be left out or skipped (CI)
 * @param {number} [elapsed] milliseconds of all; less than the sum where parts ran side by side
 * @returns {{text: string, code: number}}
 */
export function summarise(outcomes, notAsked, strict, elapsed) {
  const width = Math.max(...outcomes.map(({ name }) => name.length), 8);
  const lines = ['', `${'part'.padEnd(width)}  passed  failed  skipped      time`];
  const totals = { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
  for (const outcome of outcomes) {
    for (const key of Object.keys(totals)) totals[key] += outcome[key];
    const counts = outcome.leftOut
      ? 'left out'.padStart(23)
      : ['passed', 'failed', 'skipped']
          .map((key, i) => String(outcome[key]).padStart([6, 6, 7][i]))
          .join('  ');
    lines.push(`${outcome.name.padEnd(width)}  ${counts}  ${seconds(outcome.milliseconds).padStart(8)}`);
  }
  lines.push(
    `${'all'.padEnd(width)}  ${' '.repeat(23)}  ${seconds(elapsed ?? totals.milliseconds).padStart(8)}`,
    '',
  );
  const leftOut = outcomes.filter((outcome) => outcome.leftOut);
  for (const { name, leftOut: reason } of leftOut) lines.push(`Left out: ${name}, because ${reason}.`);
  if (notAsked.length > 0) lines.push(`Not asked for: ${notAsked.map(({ name }) => name).join(', ')}.`);
  const failed = totals.failed + (strict ? leftOut.length : 0);
  if (strict && leftOut.length + totals.skipped > 0)
    lines.push('CI=true: nothing may be left out or skipped, so this run fails.');
  lines.push(
    `${totals.passed} passed, ${failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
    '',
  );
  const nothingRan = totals.passed + failed === 0;
  return { text: lines.join('\n'), code: failed > 0 || nothingRan || (strict && totals.skipped > 0) ? 1 : 0 };
}
