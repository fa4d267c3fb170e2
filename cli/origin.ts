/** `--continue RUN` and `--fine-tune RUN`: the earlier run whose weights something begins with. */
import type { Origin, Run } from '#contract/entities.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { chooseRun } from './choose.ts';
import { type Option, text, type Values } from './command.ts';
import { usage } from './output.ts';

export const originOptions: Record<'continue' | 'fine-tune', Option> = {
  continue: { type: 'string', value: 'RUN', about: "go on anew with another run's weights and optimizer" },
  'fine-tune': { type: 'string', value: 'RUN', about: "begin anew with another run's weights" },
};

export interface NamedOrigin {
  /** As the person named it. */
  run: string;
  how: Origin['how'];
}

/** null for fresh weights. @throws USAGE where both are given */
export function originOf(values: Values): NamedOrigin | null {
  const continued = text(values.continue);
  const tuned = text(values['fine-tune']);
  if (continued !== undefined && tuned !== undefined)
    throw usage('Expected --continue RUN or --fine-tune RUN, received both.');
  if (continued !== undefined) return { run: continued, how: 'continue' };
  return tuned === undefined ? null : { run: tuned, how: 'fine-tune' };
}

/** @throws as `chooseRun` does */
export async function chosenOrigin(
  client: StudioClient,
  { run: given, how }: NamedOrigin,
): Promise<{ run: Run; origin: Origin }> {
  const run = await chooseRun(client, given);
  return { run, origin: { runId: run.id, how } };
}
