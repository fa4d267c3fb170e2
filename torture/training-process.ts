/**
 * The process that is killed: opens the engine, says "ready", and trains what each line of its input asks for, going
 * on from where the folder's checkpoints are. Says "saved" after each checkpoint, then "done". Started by train.ts.
 */
import { createInterface } from 'node:readline';
import { toWireError } from '#contract/errors.ts';
import { writeDurably, type WriteFile } from '#learning/files/durable-file.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { train } from '#learning/training/loop/training-loop.ts';
import { withoutSlots } from './sabotage.ts';
import { recipeOf, type ScenarioName, tortureData } from './scenarios.ts';

export interface TrainingTask {
  scenario: ScenarioName;
  folder: string;
  /** Between checkpoints within an epoch; 0 saves before every step. */
  checkpointInterval: number;
  /** Breaks the promise, to show that it is noticed. */
  sabotage?: 'optimizerState';
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

void (async () => {
  const engine = await openEngine();
  const data = tortureData();
  say('ready');
  // Ends with its input, so that no process outlives the one that kills.
  for await (const line of createInterface({ input: process.stdin })) {
    const { scenario, folder, checkpointInterval, sabotage } = JSON.parse(line) as TrainingTask;
    const write: WriteFile = async (path, bytes) => {
      await writeDurably(path, sabotage === 'optimizerState' ? withoutSlots(bytes) : bytes);
      if (!path.endsWith('model.safetensors')) say('saved');
    };
    try {
      await train(engine, recipeOf(scenario), data, {
        folder,
        resume: true,
        signal: new AbortController().signal,
        onEvent(event) {
          if (event.kind === 'checkpoint-rejected') say(`rejected ${event.file}: ${event.reason}`);
        },
        checkpointInterval,
        write,
      });
      say('done');
    } catch (error) {
      say(`failed ${JSON.stringify(toWireError(error))}`);
    }
  }
  process.exit(0);
})().catch((error: unknown) => {
  say(`failed ${JSON.stringify(toWireError(error))}`);
  process.exit(1);
});
process.stdin.on('close', () => process.exit(0));
