/** `atelier logs`: a run's curves in the form that TensorBoard reads. */
import { chooseRun, runOption } from '../choose.ts';
import { type Command, text } from '../command.ts';
import { count } from '../output.ts';
import { withProject } from '../session.ts';

export const logsCommand: Command = {
  name: 'logs',
  words: 'PROJECT',
  about: "write a run's curves for TensorBoard into the project's exports",
  needsEngine: false,
  options: {
    run: runOption,
  },
  least: 1,
  most: 1,
  run: ({ words: [given = ''], values, output }) =>
    withProject(given, async ({ client }) => {
      const { id: runId, epochs } = await chooseRun(client, text(values.run));
      const { path, bytes } = await client.runs.exportLogs({ runId });
      output.line(`${path} (${count(epochs.length)} epochs, ${count(bytes)} bytes)`);
      output.line(`See them with: tensorboard --logdir ${JSON.stringify(path)}`);
      output.event('logs.exported', { run: runId, path, bytes, epochs: epochs.length });
    }),
};
