/** Makes node_modules agree with package-lock.json. Looks at npm's own record there, so it costs milliseconds. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder, root } from './places.mjs';
import { lastLine, run, which } from './run.mjs';
import { SetupError, step } from './say.mjs';

/**
 * Why an installation is due, or null. A package that npm left out for another platform is no reason.
 * @param {string} folder of package.json
 */
export function whyInstall(folder) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'no packages yet';
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  for (const [path, { version, optional, devOptional }] of Object.entries(wanted)) {
    if (path === '') continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 13);
    if (!present[path]) {
      if (!optional && !devOptional) return `${name} is missing`;
    } else if (present[path].version !== version) return `${name} ${version} is wanted`;
  }
  return null;
}

export async function ensurePackages() {
  if (!whyInstall(root)) return;
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 12);
  await withLock(join(cacheFolder(), `install-${checkout}.lock`), 'installing packages', async () => {
    const reason = whyInstall(root);
    if (!reason) return;
    // Under npm its own program is known; else the npm beside this node, or the one on PATH.
    const underNpm = process.env.npm_execpath?.endsWith('npm-cli.js')
      ? [process.execPath, process.env.npm_execpath]
      : null;
    const beside = join(dirname(process.execPath), process.platform === 'win32' ? 'npm.cmd' : 'npm');
    const [command, ...before] = underNpm ?? [existsSync(beside) ? beside : which('npm')];
    if (!command)
      throw new SetupError(
        'npm was not found, which installs the packages; install Node.js with npm and run again.',
      );
    await step(`Installing packages (${reason})`, async () => {
      const result = await run(command, [...before, 'ci', '--no-fund', '--no-audit', '--loglevel=error'], {
        cwd: root,
        timeout: 900_000,
      });
      if (result.code === 0) return;
      throw new SetupError(
        `npm ci failed (${lastLine(result.output)}); check the network and run the command again.`,
      );
    });
  });
}
