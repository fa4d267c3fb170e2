/**
 * Debian packages: installed where set-up may (asked to, root, apt-get present), otherwise named for the person to
 * install. Only `npm test` asks by itself; anything else installs nothing in the system unless ATELIER_APT=1 or CI=true.
 */
import { isRoot, lastLine, run, which } from './run.mjs';
import { step } from './say.mjs';

const environment = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
/** The one refresh of a run; who asks while it is under way waits for it. */
let lists = null;

let asked = false;
/** From now on packages may be installed in the system: for the tests, which say so. */
export const allowSystemPackages = () => void (asked = true);

const isAsked = () => asked || process.env.ATELIER_APT === '1' || process.env.CI === 'true';
export const mayInstall = () =>
  process.platform === 'linux' && isAsked() && isRoot() && which('apt-get') !== null;

const isInstalled = async (name) =>
  (await run('dpkg-query', ['-W', '-f=${db:Status-Status}', name], { env: environment })).stdout.trim() ===
  'installed';
const isOffered = async (name) =>
  (await run('apt-cache', ['show', '--no-all-versions', name], { env: environment })).code === 0;

/** Asks apt for its lists once a run, and only when something wanted is not in them. */
export async function refreshLists() {
  if (!mayInstall()) return;
  lists ??= step('Asking apt for its package lists', () =>
    run('apt-get', ['update', '-qq'], { env: environment, timeout: 300_000 }),
  );
  await lists;
}

/** Ubuntu and Debian 13 renamed some libraries when time_t grew. */
async function offeredName(name) {
  for (const candidate of [name, `${name}t64`]) if (await isOffered(candidate)) return candidate;
  return null;
}

/**
 * Makes sure that these packages are there.
 * @param {string[]} packages
 * @param {string} purpose for the progress line
 * @returns {Promise<{missing: string[], reason: string}>} names that are still missing, and why
 */
export async function installDebian(packages, purpose) {
  if (process.platform !== 'linux' || !which('dpkg-query'))
    return { missing: packages, reason: 'this system has no apt' };
  const wanted = [];
  for (const name of packages)
    if (!(await isInstalled(name)) && !(await isInstalled(`${name}t64`))) wanted.push(name);
  if (wanted.length === 0) return { missing: [], reason: '' };
  if (!mayInstall()) {
    const command = `apt-get install ${wanted.join(' ')}`;
    return {
      missing: wanted,
      reason: isRoot()
        ? `nothing is installed in the system unasked; run: ${command}, or start again with ATELIER_APT=1`
        : `not running as root; install with: sudo ${command}`,
    };
  }
  const resolveNames = async () => Promise.all(wanted.map(offeredName));
  let offered = await resolveNames();
  if (offered.includes(null)) {
    await refreshLists();
    offered = await resolveNames();
  }
  const names = offered.filter(Boolean);
  if (names.length === 0) return { missing: wanted, reason: `apt does not offer ${wanted.join(', ')}` };
  const install = () =>
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
      env: environment,
      timeout: 900_000,
    });
  const result = await step(`Installing ${purpose} (apt: ${wanted.join(', ')})`, async () => {
    const first = await install();
    if (first.code === 0 || lists) return first;
    await refreshLists();
    return install();
  });
  const missing = [];
  for (const name of wanted)
    if (!(await isInstalled(name)) && !(await isInstalled(`${name}t64`))) missing.push(name);
  return {
    missing,
    reason:
      missing.length > 0 ? `apt-get could not install ${missing.join(', ')}: ${lastLine(result.output)}` : '',
  };
}
