/** A Chromium for the end-to-end tests: Playwright's own where it is installed, else the system's, else Debian's package. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installDebian } from './apt.mjs';
import { root } from './places.mjs';
import { which } from './run.mjs';

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function installed() {
  if (process.env.ATELIER_CHROMIUM) return process.env.ATELIER_CHROMIUM;
  try {
    const { chromium } = createRequire(join(root, 'package.json'))('@playwright/test');
    if (existsSync(chromium.executablePath())) return chromium.executablePath();
  } catch {
    // Not installed yet: the system's may be.
  }
  return programs.map(which).find(Boolean) ?? null;
}

/** @returns {Promise<{binary: string} | {binary: null, reason: string}>} */
export async function ensureBrowser() {
  const before = installed();
  if (before) return { binary: before };
  const { reason } = await installDebian(['chromium'], 'a browser for the tests');
  const binary = installed();
  return binary
    ? { binary }
    : { binary: null, reason: `no Chromium was found (${reason}); or run: npx playwright install chromium` };
}
