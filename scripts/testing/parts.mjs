/** The parts of `npm test`: what each runs and how its results are counted. Each reads the tool's own report. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { ensureBackbones } from '../setup/backbones.mjs';
import { ensureBrowser } from '../setup/browser.mjs';
import { ensureBuild } from '../setup/build.mjs';
import { ensureFashionMnist } from '../setup/dataset.mjs';
import { root } from '../setup/places.mjs';
import { ensurePythonChecks } from '../setup/python-checks.mjs';
import { isRoot } from '../setup/run.mjs';
import { say } from '../setup/say.mjs';
import { ensureStrace } from '../setup/strace.mjs';
import { ensureTensorFlow } from '../setup/tensorflow.mjs';
import { ensureTestElectron } from '../setup/test-electron.mjs';
import { ensureDisplay } from '../setup/xvfb.mjs';

const bin = (...path) => join(root, 'node_modules', ...path);
const leaveOut = (reason) => ({ passed: 0, failed: 0, skipped: 0, leftOut: reason });

/** Runs a Node program in the open: its output is shown on stderr, so that stdout ends with the summary. */
function show(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, ...env },
    });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 128));
  });
}

const one = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });

/** A report that is missing or unreadable means that the tool itself failed. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Options of vitest that write a report for coverage.mjs. @param {string} folder @param {string} name of the part */
const coverageOptions = (folder, name) => [
  '--coverage.enabled',
  '--coverage.provider=v8',
  '--coverage.reporter=json',
  `--coverage.reportsDirectory=${join(folder, 'coverage', name)}`,
  '--coverage.exclude=**/testing*',
];

/** Some of the projects of vitest.config.ts. */
async function vitest({ results, coverage }, name, projects, env) {
  const path = join(results, `${name}.json`);
  const args = ['run', ...projects.map((project) => `--project=${project}`)];
  if (coverage) args.push(...coverageOptions(results, name));
  args.push('--reporter=default', '--reporter=json', `--outputFile.json=${path}`);
  const code = await show([bin('vitest', 'vitest.mjs'), ...args], env);
  const report = readReport(path);
  if (!report) return { ...one(1), notes: [`vitest wrote no report (exit code ${code})`] };
  const skipped = report.numPendingTests + report.numTodoTests;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  // An error outside any test fails the run too.
  return { passed: report.numPassedTests, failed: failed || (code === 0 ? 0 : 1), skipped };
}

async function units(options) {
  await ensureTensorFlow();
  await ensureBackbones();
  await ensureFashionMnist();
  // Where it is missing, the tests that need it name the reason.
  await ensureStrace();
  // TensorFlow's greeting at every load says nothing about the tests.
  return vitest(options, 'units', ['units', 'shared'], { TF_CPP_MIN_LOG_LEVEL: '2' });
}

async function components(options) {
  const { binary, reason } = await ensureBrowser();
  return binary
    ? vitest(options, 'components', ['components'], { ATELIER_CHROMIUM: binary })
    : leaveOut(reason);
}

/** One Playwright project. A test that passed only when repeated counts as failed. */
async function playwright(results, project, env) {
  const path = join(results, `${project}.json`);
  const args = `test --config e2e/playwright.config.ts --project ${project} --reporter list,json`;
  const code = await show([bin('@playwright', 'test', 'cli.js'), ...args.split(' ')], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: path,
    ...env,
  });
  const stats = readReport(path)?.stats;
  if (!stats) return { ...one(1), notes: [`playwright wrote no report (exit code ${code})`] };
  const failed = stats.unexpected + stats.flaky;
  return { passed: stats.expected, failed: failed || (code === 0 ? 0 : 1), skipped: stats.skipped };
}

/** What a built studio trains with. */
async function ensureStudio() {
  await ensureTensorFlow();
  await ensureBackbones();
  await ensureBuild();
}

async function browser({ results }) {
  await ensureStudio();
  const { binary, reason } = await ensureBrowser();
  return binary ? playwright(results, 'browser', { ATELIER_CHROMIUM: binary }) : leaveOut(reason);
}

async function electron({ results }) {
  await ensureStudio();
  const { binary, reason } = await ensureTestElectron();
  if (!binary) return leaveOut(reason);
  const display = await ensureDisplay();
  if (display.display === null) return leaveOut(display.reason);
  if (isRoot()) say('   As root, Chromium runs without its sandbox here; as another user it runs with it.');
  try {
    return await playwright(results, 'electron', { ATELIER_TEST_ELECTRON: binary, DISPLAY: display.display });
  } finally {
    display.close();
  }
}

async function exported({ results }) {
  await ensureStudio();
  const { python, path, reason } = await ensurePythonChecks();
  return python
    ? playwright(results, 'export', { ATELIER_PYTHON: python, PYTHONPATH: path })
    : leaveOut(reason);
}

/** With the words of the npm script. */
async function layers() {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, ...args] = scripts.layers.split(' ');
  return one(await show([bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), ...args]));
}

async function build() {
  await ensureBuild();
  return one(0);
}

/** `light` ones take about one core: two that follow each other run at a time. `slow` ones are left out by --quick. */
export const parts = [
  {
    name: 'types',
    about: "every room under its own runtime's compiler",
    run: async () => one(await show(['scripts/types.mjs'])),
  },
  {
    name: 'layers',
    light: true,
    about: 'imports point downwards, no cycles',
    run: layers,
  },
  {
    name: 'lint',
    light: true,
    about: 'eslint',
    run: async () => one(await show([bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0'])),
  },
  {
    name: 'format',
    light: true,
    about: 'prettier',
    run: async () =>
      one(await show([bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'])),
  },
  { name: 'build', light: true, about: 'one build for every runtime', run: build },
  {
    name: 'units',
    about: 'beside the code, with the engine on real TensorFlow and the command line',
    run: units,
  },
  {
    name: 'components',
    light: true,
    about: 'the parts of the window, each by itself in a real browser',
    run: components,
  },
  { name: 'browser', about: 'the whole path in a real browser', light: true, slow: true, run: browser },
  { name: 'electron', about: 'the whole path in a real Electron', light: true, slow: true, run: electron },
  {
    name: 'export',
    about: "the exported file under Python's onnx and onnxruntime",
    light: true,
    slow: true,
    run: exported,
  },
];
