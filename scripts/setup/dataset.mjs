/**
 * Makes the full Fashion-MNIST be there where that takes seconds: the system's folder, the cache, the
 * Debian package (unpacked into the cache, no root needed), its public home. Otherwise the small part in resources/ serves.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { refreshLists } from './apt.mjs';
import { checkDigest, sha256 } from './digest.mjs';
import { download } from './download.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, root, supply } from './places.mjs';
import { lastLine, run, which } from './run.mjs';
import { say, SetupError, step } from './say.mjs';

const systemFolder = '/usr/share/datasets/fashion-mnist';

/** Files of the right size; digests are checked when something is fetched. */
const isComplete = (folder, files) =>
  files.every(({ name, bytes }) => statSync(join(folder, name), { throwIfNoEntry: false })?.size === bytes);

/** @returns {Promise<{folder: string, full: boolean, how: string}>} */
export async function ensureFashionMnist() {
  const { files, debianPackage, home } = supply().fashionMnist;
  const folder = join(cacheFolder(), 'fashion-mnist');
  if (isComplete(systemFolder, files))
    return { folder: systemFolder, full: true, how: `the Debian package ${debianPackage}` };
  if (isComplete(folder, files)) return { folder, full: true, how: 'the cache' };
  return withLock(`${folder}.lock`, 'fetching Fashion-MNIST', async () => {
    const reasons = [];
    for (const [how, fetch] of [
      [`the Debian package ${debianPackage}`, fromDebian],
      [home, fromHome],
    ]) {
      const staging = `${folder}.staging`;
      mkdirSync(staging, { recursive: true });
      try {
        await fetch(staging, { files, debianPackage, home });
        for (const file of files) checkDigest(file.name, file.sha256, await sha256(join(staging, file.name)));
        rmSync(folder, { recursive: true, force: true });
        renameSync(staging, folder);
        return { folder, full: true, how };
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        reasons.push(error.message);
      }
    }
    say(
      `  The full Fashion-MNIST cannot be had now: ${reasons.join(' ')} Going on with the small part (2,500 images) that Atelier brings.`,
    );
    return {
      folder: join(root, 'resources', 'fashion-mnist-small'),
      full: false,
      how: 'resources/fashion-mnist-small',
    };
  });
}

/** `apt-get download` and `dpkg-deb -x`: the user's own folder suffices. */
async function fromDebian(staging, { debianPackage, files }) {
  if (!which('apt-get') || !which('dpkg-deb')) throw new SetupError('This system has no apt.');
  const unpacked = join(staging, 'unpacked');
  const debs = () => readdirSync(staging).filter((name) => name.endsWith('.deb'));
  await step('Fetching Fashion-MNIST, 70,000 images (31 MB, once for this user)', async () => {
    // As root, apt would drop to a user that may not write here.
    const args = ['-o', 'APT::Sandbox::User=root', 'download', '-qq', debianPackage];
    const fetch = () => run('apt-get', args, { cwd: staging, timeout: 180_000 });
    let result = await fetch();
    if (result.code !== 0) {
      await refreshLists();
      result = await fetch();
    }
    const [deb] = debs();
    if (result.code !== 0 || !deb)
      throw new SetupError(`apt could not fetch ${debianPackage} (${lastLine(result.output)}).`);
    const unpack = await run('dpkg-deb', ['-x', deb, unpacked], { cwd: staging });
    rmSync(join(staging, deb));
    if (unpack.code !== 0) throw new SetupError(`${deb} could not be unpacked (${lastLine(unpack.output)}).`);
  });
  for (const { name } of files) {
    const path = join(unpacked, systemFolder, name);
    if (!existsSync(path)) throw new SetupError(`${debianPackage} holds no ${name}.`);
    renameSync(path, join(staging, name));
  }
  rmSync(unpacked, { recursive: true });
}

async function fromHome(staging, { files, home }) {
  await step('Fetching Fashion-MNIST from its public home (31 MB, once for this user)', async (progress) => {
    for (const { name, sha256: digest } of files) {
      if (!existsSync(join(staging, name)))
        await download(home + name, join(staging, name), digest, progress);
    }
  });
}
