/**
 * How much of each room the tests of this run went through, from the reports of vitest (`npm test -- --coverage`). What
 * runs in a process of its own, as workers and the command line do, is not seen by it, so nothing is enforced.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import coverage from 'istanbul-lib-coverage';

/**
 * A line for each room: its files, and the shares of lines, functions and branches that were run.
 * @param {string} folder of the results @param {string[]} names of the parts @param {string} root of the repository
 */
export function coverageText(folder, names, root) {
  const map = coverage.createCoverageMap();
  for (const name of names) {
    const path = join(folder, 'coverage', name, 'coverage-final.json');
    if (existsSync(path)) map.merge(JSON.parse(readFileSync(path, 'utf8')));
  }
  const rooms = new Map();
  for (const file of map.files()) {
    const [room] = relative(root, file).split(sep);
    const known = rooms.get(room) ?? { files: 0, summary: coverage.createCoverageSummary() };
    known.summary.merge(map.fileCoverageFor(file).toSummary());
    rooms.set(room, { ...known, files: known.files + 1 });
  }
  if (rooms.size === 0) return '';
  const share = ({ pct, total }) => (total === 0 ? '–' : `${Number(pct).toFixed(0)} %`).padStart(10);
  const lines = [...rooms]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([
        room,
        {
          files,
          summary: { lines, functions, branches },
        },
      ]) =>
        `${room.padEnd(10)}  ${String(files).padStart(5)}${share(lines)}${share(functions)}${share(branches)}`,
    );
  return [
    '',
    'Gone through by tests in their own process (workers and the command line are not counted):',
    `${'room'.padEnd(10)}  ${'files'.padStart(5)}${'lines'.padStart(10)}${'functions'.padStart(10)}${'branches'.padStart(10)}`,
    ...lines,
    '',
  ].join('\n');
}
