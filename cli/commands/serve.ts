/** `atelier serve`: the studio in a browser of this machine, until Ctrl-C. */
import { join } from 'node:path';
import { fromRpcError } from '#contract/rpc.ts';
import { appRoot } from '#engine/app-root.ts';
import { type Served, serveStudio } from '#engine/serve/index.ts';
import { openSample } from '#engine/serve/sample.ts';
import { type Command, text, wholeNumber } from '../command.ts';
import { type Output, usage } from '../output.ts';
import { openProject, withStudio } from '../session.ts';

export const serveCommand: Command = {
  name: 'serve',
  words: '[PROJECT]',
  about: 'open the studio to a browser on this machine; Ctrl-C ends it',
  needsEngine: true,
  options: {
    port: { type: 'string', value: 'N', about: 'port to listen on (any free one if absent)' },
    sample: { type: 'boolean', about: 'open the sample project, with a first training if it has none' },
    host: { type: 'string', value: 'ADDRESS', about: 'address to listen on (127.0.0.1 if absent)' },
    'insecure-host': { type: 'boolean', about: 'allow a host that other machines can reach, unencrypted' },
  },
  least: 0,
  most: 1,
  run: ({ words: [given], values, output, signal }) => {
    const port = wholeNumber('port', values.port, 0, 65_535);
    const host = text(values.host);
    if (given !== undefined && values.sample) throw usage('Expected a project or --sample, received both.');
    return withStudio(async ({ studio, client }) => {
      if (given !== undefined) await openProject(client, given);
      const served = await serveStudio(studio, {
        rendererFolder: process.env.ATELIER_RENDERER ?? join(appRoot(), 'out', 'renderer'),
        ...(port === undefined ? {} : { port }),
        ...(host === undefined ? {} : { host }),
        insecureHost: values['insecure-host'] === true,
      });
      output.event('serving', { url: served.url, port: served.port });
      for (const line of ['The studio is open at', '', `  ${served.url}`, '']) output.line(line);
      output.line('The address lets one browser in. Press Enter for a fresh one, Ctrl-C to end.');
      const stopListening = offerFreshAddress(served, output);
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
      await new Promise<void>((resolve) => signal.onInterrupt(resolve));
      stopListening();
      output.note('Closing the studio.');
      await served.close();
      output.event('serve.finished', {});
    }, true);
  },
};

/** A key press asks for a new address, so that a used one is no dead end. Returns how to stop listening. */
function offerFreshAddress(served: Served, output: Output): () => void {
  if (!process.stdin.isTTY) return () => {};
  const offer = () => {
    const url = served.freshUrl();
    output.event('serving', { url, port: served.port });
    output.line(`  ${url}`);
  };
  process.stdin.on('data', offer);
  return () => {
    process.stdin.off('data', offer);
    process.stdin.pause();
  };
}
