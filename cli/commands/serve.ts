/** `atelier serve`: the studio in a browser of this machine, until Ctrl-C; `--new-address` asks one that runs. */
import { join } from 'node:path';
import { fromRpcError } from '#contract/rpc.ts';
import { appRoot } from '#engine/app-root.ts';
import { allowedFolders } from '#engine/paths.ts';
import { type Served, serveStudio } from '#engine/serve/index.ts';
import { openSample } from '#engine/serve/sample.ts';
import { AtelierError } from '#contract/errors.ts';
import { askForAddress, type RunningStudio, runningStudios } from '#engine/serve/running.ts';
import { type Command, text, texts, wholeNumber } from '../command.ts';
import { type Output, usage } from '../output.ts';
import { openProject, projectPath, withStudio } from '../session.ts';
import { untilToldToEnd } from '../until-end.ts';

export const serveCommand: Command = {
  name: 'serve',
  words: '[PROJECT]',
  about: 'open the studio to a browser on this machine; Ctrl-C ends it',
  needsEngine: true,
  options: {
    port: { type: 'string', value: 'N', about: 'port to listen on (any free one if absent)' },
    sample: { type: 'boolean', about: 'open the sample project, with a first training if it has none' },
    allow: {
      type: 'string',
      multiple: true,
      value: 'FOLDER',
      about: 'a folder that the browser may import from, open projects in and export to',
    },
    'new-address': {
      type: 'boolean',
      about: 'print a fresh address of a studio that runs (of --port N where there are several)',
    },
    host: { type: 'string', value: 'ADDRESS', about: 'address to listen on (127.0.0.1 if absent)' },
    'insecure-host': { type: 'boolean', about: 'allow a host that other machines can reach, unencrypted' },
  },
  least: 0,
  most: 1,
  run: ({ words: [given], values, output, signal }) => {
    const port = wholeNumber('port', values.port, 0, 65_535);
    const host = text(values.host);
    if (values['new-address']) {
      if (given !== undefined || values.sample)
        throw usage('Expected --new-address alone or with --port N: it asks a studio that runs.');
      return printNewAddress(port, output);
    }
    if (given !== undefined && values.sample) throw usage('Expected a project or --sample, received both.');
    const allowed = allowedFolders(given === undefined ? null : projectPath(given), texts(values.allow));
    return withStudio(async ({ studio, client }) => {
      const project = given === undefined ? null : await openProject(client, given);
      const served = await serveStudio(studio, {
        rendererFolder: process.env.ATELIER_RENDERER ?? join(appRoot(), 'out', 'renderer'),
        ...(port === undefined ? {} : { port }),
        ...(host === undefined ? {} : { host }),
        insecureHost: values['insecure-host'] === true,
        announced: { project: project?.path ?? null },
      });
      // Signals are heard before anybody can know whom to send them to.
      const stopListening = offerFreshAddress(served, output);
      const end = untilToldToEnd(client, output, signal);
      output.event('serving', { url: served.url, port: served.port, allowed });
      output.lines(['The studio is open at', '', `  ${served.url}`, '']);
      output.line(
        `The address lets one browser in. ${freshAddressWords(served)} Ctrl-C ends the studio. The browser may name paths in: ${allowed.join(', ')} (--allow FOLDER adds one).`,
      );
      if (values.sample) {
        openSample(client, {
          preset: 'quick',
          report(line) {
            output.event('sample', { message: line });
            output.line(line);
          },
        }).catch((thrown) => {
          const error = fromRpcError(thrown);
          // Cancelled by the person, here or in the window, who knows.
          if (error.code !== 'CANCELLED') output.note(`atelier: ${error.message}`);
        });
      }
      await end;
      stopListening();
      output.note('Closing the studio.');
      await served.close();
      output.event('serve.finished', {});
    }, allowed);
  },
};

function freshAddressWords({ port, unannounced }: Served): string {
  const ways = [
    ...(process.stdin.isTTY ? ['Enter'] : []),
    ...(unannounced === null ? [`atelier serve --new-address --port ${port}`] : []),
  ];
  return ways.length === 0 ? '' : `For a fresh one: ${ways.join(', or ')}.`;
}

/** A key press or a signal asks for a new address, so that a used one is no dead end. Returns how to stop listening. */
function offerFreshAddress(served: Served, output: Output): () => void {
  const offer = () => {
    const url = served.freshUrl();
    output.event('serving', { url, port: served.port });
    output.line(`  ${url}`);
  };
  const keys = process.stdin.isTTY;
  // Windows has no such signal.
  const signal = process.platform === 'win32' ? null : 'SIGUSR2';
  if (keys) process.stdin.on('data', offer);
  if (signal) process.on(signal, offer);
  return () => {
    if (signal) process.off(signal, offer);
    if (!keys) return;
    process.stdin.off('data', offer);
    process.stdin.pause();
  };
}

/** @param port of the studio; undefined where only one runs. @throws NOT_FOUND, USAGE where several run, FORBIDDEN */
async function printNewAddress(port: number | undefined, output: Output): Promise<void> {
  const studio = choose(runningStudios(), port);
  const url = await askForAddress(studio);
  output.event('serving', { url, port: studio.port });
  output.line(url);
}

function choose(running: readonly RunningStudio[], port: number | undefined): RunningStudio {
  const fitting = port === undefined ? running : running.filter((studio) => studio.port === port);
  const [found, ...others] = fitting;
  if (!found) {
    throw new AtelierError(
      'NOT_FOUND',
      `Expected a studio of yours that is served${port === undefined ? '' : ` on port ${port}`}, but there is none. Start one: atelier serve.`,
      port === undefined ? {} : { port },
    );
  }
  if (others.length === 0) return found;
  const list = fitting.map((studio) => `--port ${studio.port} (${studio.project ?? 'no project'})`);
  throw usage(`Expected --port N, since ${fitting.length} studios of yours run: ${list.join(', ')}.`, {
    ports: fitting.map((studio) => studio.port),
  });
}
