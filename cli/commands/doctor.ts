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

function engineFinding(engine: EngineInfo | null, error: WireError | null): Finding {
  if (!engine) {
    return {
      what: 'Engine',
      found: null,
      advice: `no engine works here. ${error ? `${error.message} (${error.code}) ` : ''}Run \`npm start\`, which fetches libtensorflow, or set ATELIER_TENSORFLOW to its folder.`,
    };
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
  return {
    what: 'libtensorflow',
    found: located && `${located.folder} (${located.found})`,
    advice: located
      ? ''
      : `run \`npm start\`, which fetches it, or set ATELIER_TENSORFLOW to its folder. Looked at: ${looked.map(({ place, outcome }) => `${place} (${outcome})`).join('; ')}.`,
  };
}

function backboneFindings(): Finding[] {
  const published = backboneNames.map((name) => {
    const source = findPublished(name);
    return source
      ? {
          what: name,
          found: `${backboneFolder(name)} (${source.package} ${source.version}, ${source.licence})`,
          advice: '',
        }
      : {
          what: name,
          found: null,
          advice: `looked in ${backboneFolder(name)}. Run \`npm start\` once with a network, which fetches it; without it recipes train from scratch.`,
        };
  });
  const own = listOwn().map(({ name }) => ({
    what: name,
    found: `${backboneFolder(name)} (${visible(originOf(name) ?? '')})`,
    advice: '',
  }));
  return [...published, ...own];
}

function dataFindings(): Finding[] {
  return (['fashion-mnist', 'fashion-mnist-small'] as const).map((name) => {
    try {
      return { what: name, found: locateNamed(name), advice: '' };
    } catch {
      const places = placesOf(name).join(', ');
      return {
        what: name,
        found: null,
        advice: `looked in ${places}. Run \`npm start\`, install the Debian package dataset-fashion-mnist, or set ATELIER_FASHION_MNIST to the folder of the IDX files.`,
      };
    }
  });
}

function electronFinding(): Finding {
  const advice =
    'the studio is served to a browser instead; for a window run: node node_modules/electron/install.js';
  const named = process.env.ATELIER_ELECTRON;
  if (named)
    return existsSync(named)
      ? { what: 'Electron', found: named, advice: '' }
      : { what: 'Electron', found: null, advice: `ATELIER_ELECTRON names ${named}, which is not there.` };
  try {
    const folder = join(appRoot(), 'node_modules', 'electron');
    const binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(binary)
      ? { what: 'Electron', found: binary, advice: '' }
      : { what: 'Electron', found: null, advice };
  } catch {
    return { what: 'Electron', found: null, advice };
  }
}

function builtFinding(): Finding {
  const page = join(appRoot(), 'out', 'renderer', 'index.html');
  return existsSync(page)
    ? { what: 'Built window', found: dirname(page), advice: '' }
    : { what: 'Built window', found: null, advice: 'run: npm run build' };
}

function cacheFinding(): Finding {
  const folder = cacheFolder();
  const nearest = [folder, dirname(folder), dirname(dirname(folder))].find(existsSync);
  try {
    accessSync(nearest ?? '/', constants.W_OK);
    return { what: 'Cache', found: folder, advice: '' };
  } catch {
    return {
      what: 'Cache',
      found: folder,
      advice: 'it cannot be written to; set ATELIER_CACHE to a folder of yours.',
    };
  }
}
