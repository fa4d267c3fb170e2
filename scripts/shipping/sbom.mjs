/**
 * `npm run sbom`: writes sbom.cdx.json, the bill of materials in CycloneDX: npm's own of package-lock.json, without what
 * would differ at each run, and what set-up fetches besides (resources/supply.json) with its digests.
 * shipping.test.mjs fails where it does not agree with these.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, supply } from '../setup/places.mjs';
import { lastLine, run, which } from '../setup/run.mjs';
import { SetupError } from '../setup/say.mjs';
import { readJson } from './packages.mjs';

export const sbomPath = join(root, 'sbom.cdx.json');

const wheel = ({ package: name, version, sha256, wheel: file }) => ({
  'bom-ref': `pypi:${name}@${version}#${file ?? sha256}`,
  type: 'library',
  name,
  version,
  scope: 'optional',
  purl: `pkg:pypi/${name}@${version}`,
  ...(sha256 ? { hashes: [{ alg: 'SHA-256', content: sha256 }] } : {}),
});

/** What set-up may fetch: wheels and archives, with their digests where they are known. */
export function fetched({ tensorflow, backbones, fashionMnist, testElectron } = supply()) {
  const builds = Object.values(tensorflow.builds);
  const wheels = [...builds.filter((build) => build.wheel), ...builds.flatMap(({ beside = [] }) => beside)];
  const archives = builds
    .filter(({ archive }) => archive)
    .map(({ archive, version, sha256 }) => ({
      'bom-ref': archive,
      type: 'library',
      name: 'libtensorflow',
      version,
      scope: 'optional',
      ...(sha256 ? { hashes: [{ alg: 'SHA-256', content: sha256 }] } : {}),
      externalReferences: [{ type: 'distribution', url: archive }],
    }));
  const data = fashionMnist.files.map(({ name, sha256 }) => ({
    'bom-ref': `fashion-mnist/${name}`,
    type: 'data',
    name: `fashion-mnist/${name}`,
    scope: 'optional',
    hashes: [{ alg: 'SHA-256', content: sha256 }],
  }));
  return [...[...wheels, ...Object.values(backbones)].map(wheel), ...archives, ...data, wheel(testElectron)];
}

/** npm calls a package that package.json puts in the place of another by that place's name; its reference names it. */
function byItsName(one) {
  const [, name] = /^(.+)@([^@]+)$/.exec(one['bom-ref']) ?? [];
  return name ? { ...one, name } : one;
}

/** npm's bill, without its serial number, time and the version of npm, and with our name whatever the folder's is. */
export function settled(bill, { name } = readJson(join(root, 'package.json'))) {
  const { bomFormat, specVersion, version, metadata, components, dependencies } = bill;
  return {
    $schema: bill.$schema,
    bomFormat,
    specVersion,
    version,
    metadata: { lifecycles: metadata.lifecycles, component: { ...metadata.component, name } },
    components: [...components.map(byItsName), ...fetched()],
    dependencies,
  };
}

async function write() {
  const npm = which('npm');
  if (!npm) throw new SetupError('npm was not found, which makes the bill of materials.');
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  let stdout = '';
  const { code, output } = await run(npm, args, { cwd: root, onOutput: (chunk) => (stdout += chunk) });
  if (code !== 0) throw new SetupError(`npm sbom failed (${lastLine(output)}).`);
  const bill = JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1));
  writeFileSync(sbomPath, `${JSON.stringify(settled(bill), null, 1)}\n`);
}

if (process.argv[1] === join(root, 'scripts', 'shipping', 'sbom.mjs')) await write();
