/**
 * The process whose system calls are struck: saves the model and the checkpoint of an epoch's end into a folder, as
 * training does. Says "saved", or the code of the error. Started by checkpoint.ts.
 */
import { toWireError } from '#contract/errors.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { writeInPlace } from './sabotage.ts';
import { saveStage, stageSaved } from './stages.ts';

const [folder, sabotage] = process.argv.slice(2);
void saveStage(folder!, stageSaved, sabotage === 'in-place' ? writeInPlace : writeDurably).then(
  () => process.stdout.write('saved\n'),
  (error: unknown) => {
    process.stdout.write(`${toWireError(error).code}\n`);
    process.exitCode = 3;
  },
);
