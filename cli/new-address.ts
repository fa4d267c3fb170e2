/** A fresh one-time address from a served studio that runs in another terminal, or in none. Asking is engine/serve/running.ts. */
import { AtelierError } from '#contract/errors.ts';
import { askForAddress, type RunningStudio, runningStudios } from '#engine/serve/running.ts';
import { type Output, usage } from './output.ts';

/** @param port of the studio; undefined where only one runs. @throws NOT_FOUND, USAGE where several run, FORBIDDEN */
export async function printNewAddress(port: number | undefined, output: Output): Promise<void> {
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
