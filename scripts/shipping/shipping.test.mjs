/** What is said to go out with Atelier is what goes out: the notices and the bill of materials are of the present lockfile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, supply } from '../setup/places.mjs';
import { notices, noticesPath } from './notices.mjs';
import { nameAt, readJson, readLock, shippedPackages } from './packages.mjs';
import { fetched, sbomPath, settled } from './sbom.mjs';

describe('THIRD-PARTY-NOTICES.md', () => {
  test('is what npm run notices makes of the present packages', () => {
    expect(readFileSync(noticesPath, 'utf8') === notices(), 'run npm run notices').toBe(true);
  });
  test('names what goes out, with its licence: native parts, what the window is built of, fonts', () => {
    const packages = new Map(shippedPackages().map((one) => [one.name, one]));
    for (const name of ['sharp', 'koffi', 'ws', 'svelte', 'bits-ui', 'zod', 'esm-env', '@orpc/shared'])
      expect(packages.has(name), name).toBe(true);
    expect(packages.get('@img/sharp-libvips-linux-x64').license).toBe('LGPL-3.0-or-later');
    expect(packages.get('@fontsource-variable/inter').license).toBe('OFL-1.1');
    for (const name of ['vitest', 'eslint', 'electron', 'typescript', '@playwright/test'])
      expect(packages.has(name), name).toBe(false);
    for (const { name, license } of packages.values())
      expect([name, license]).toEqual([name, expect.any(String)]);
  });
  test('comes with the text of the LGPL and of the GPL that it refers to', () => {
    const text = (name) => readFileSync(join(root, 'resources', 'licenses', name), 'utf8');
    expect(text('LGPL-3.0.txt')).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
    expect(text('GPL-3.0.txt')).toContain('GNU GENERAL PUBLIC LICENSE');
  });
});

describe('sbom.cdx.json', () => {
  const { components, metadata, ...bill } = readJson(sbomPath);

  test('lists every package of the lockfile with its version and digest, and nothing else of npm', () => {
    const lock = Object.entries(readLock()).filter(([path, { link }]) => path !== '' && !link);
    const wanted = new Set(lock.map(([path, { name, version }]) => `${name ?? nameAt(path)}@${version}`));
    const ofNpm = components.filter(({ purl }) => purl?.startsWith('pkg:npm/'));
    const listed = new Set(
      ofNpm.map(({ name, group, version }) => `${group ? `${group}/` : ''}${name}@${version}`),
    );
    expect(
      [...wanted].filter((one) => !listed.has(one)),
      'run npm run sbom',
    ).toEqual([]);
    expect(
      [...listed].filter((one) => !wanted.has(one)),
      'run npm run sbom',
    ).toEqual([]);
    const digests = new Set(lock.map(([, { integrity }]) => integrity).filter(Boolean));
    for (const { name, hashes = [] } of ofNpm) {
      const [{ content }] = hashes.filter(({ alg }) => alg === 'SHA-512');
      expect([name, digests.has(`sha512-${Buffer.from(content, 'hex').toString('base64')}`)]).toEqual([
        name,
        true,
      ]);
    }
  });
  test('lists what set-up fetches, with the digests that are known', () => {
    expect(components.filter(({ purl }) => !purl?.startsWith('pkg:npm/'))).toEqual(fetched());
    const nvidia = supply().tensorflow.builds['linux-x64-cuda'].beside;
    expect(nvidia.length).toBeGreaterThan(0);
    for (const { package: name, sha256 } of nvidia)
      expect(components.find((one) => one.name === name).hashes).toEqual([
        { alg: 'SHA-256', content: sha256 },
      ]);
  });
  test('says nothing that differs from one run to the next', () => {
    expect(metadata.component.name).toBe('atelier');
    expect({ ...bill, ...metadata }).not.toHaveProperty('timestamp');
    expect(bill).not.toHaveProperty('serialNumber');
    const again = settled({
      ...bill,
      metadata: { ...metadata, timestamp: 'now', tools: [] },
      components: [],
    });
    expect(again.metadata).toEqual(metadata);
  });
});
