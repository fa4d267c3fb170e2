/**
 * The first start: opens the sample project, makes it where it is absent, and starts a first training where
 * there is none, telling of both line by line. Speaks to the studio as any client does.
 */
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { followJob, followRun } from '#contract/follow.ts';
import { accuracy } from '#recipe/metrics/accuracy.ts';
import { valueText } from '#recipe/metrics/format.ts';
import { trainingMetrics } from '#recipe/metrics/index.ts';
import { trainKey, validationKey } from '#recipe/metrics/stored.ts';
import type { PresetName } from '#recipe/recipe.ts';
import { fromRpcError, type StudioClient } from '#contract/rpc.ts';
import type { Epoch, Run } from '#contract/run.ts';
import { join } from 'node:path';

interface SampleOptions {
  preset: PresetName;
  report(line: string): void;
}

/** Resolves when the first training has ended, or at once where there was a run already. */
export async function openSample(client: StudioClient, { preset, report }: SampleOptions): Promise<void> {
  const { projectsFolder } = await client.studio.about();
  const path = join(projectsFolder, 'Fashion-MNIST.atelier');
  const project = await openOrCreate(client, path);
  report(`Project ${project.path}`);
  if (project.counts.total === 0) await importSample(client, report);
  if ((await client.runs.list()).length > 0) return;

  const { presets } = await client.recipes.presets();
  const { recipe } = presets.find((each) => each.preset === preset)!;
  report(`A first training starts: ${recipe.name}, ${recipe.training.epochs} epochs.`);
  const run = await followRun(
    client,
    () => client.runs.start({ recipe, name: 'First training' }),
    (event) => reportEpoch(event, recipe.training.epochs, report),
  );
  report(describeFinished(run));
}

async function openOrCreate(client: StudioClient, path: string) {
  try {
    return await client.project.open({ path });
  } catch (error) {
    if (fromRpcError(error).code !== 'PROJECT_NOT_FOUND') throw error;
    return client.project.create({ path, name: 'Fashion-MNIST' });
  }
}

/** The full data set where this machine has it, else the small part that comes with the program. */
async function importSample(client: StudioClient, report: (line: string) => void): Promise<void> {
  const take = async (name: 'fashion-mnist' | 'fashion-mnist-small') => {
    const job = await followJob(client, () => client.sources.import({ source: { kind: 'named', name } }));
    const { imported, seconds } = await client.sources.report({ jobId: job.id });
    report(`Imported ${imported.toLocaleString('en')} images of Fashion-MNIST in ${seconds.toFixed(1)} s.`);
  };
  try {
    await take('fashion-mnist');
  } catch (error) {
    const known = fromRpcError(error);
    if (known.code !== 'SOURCE_NOT_FOUND') throw known;
    report('The full Fashion-MNIST is not on this machine; taking the small part that comes with Atelier.');
    await take('fashion-mnist-small');
  }
}

function reportEpoch(event: StudioEvent, epochs: number, report: (line: string) => void): void {
  if (event.event === 'run.epoch') report(describeEpoch(event.epoch, epochs));
}

/** One line for a terminal. */
function describeEpoch(epoch: Epoch, epochs: number): string {
  return (
    `Epoch ${String(epoch.epoch).padStart(String(epochs).length)}/${epochs}  ` +
    `${trainingMetrics.map((metric) => `${metric.label} ${valueText(metric, epoch[trainKey(metric)])}`).join('  ')}  ` +
    `validation ${trainingMetrics.map((metric) => `${metric.label} ${valueText(metric, epoch[validationKey(metric)])}`).join('  ')}  ` +
    `${Math.round(epoch.imagesPerSecond).toLocaleString('en')} images/s  ${epoch.seconds.toFixed(1)} s`
  );
}

/** One line for a terminal. @throws INTERNAL for a run without a best epoch */
function describeFinished(run: Run): string {
  if (run.bestEpoch === null)
    throw new AtelierError('INTERNAL', `The run ${run.id} finished without a best epoch.`);
  const scores = [
    ['validation', run.validationAccuracy],
    ['test', run.testAccuracy],
  ] as const;
  const known = scores.flatMap(([name, score]) =>
    score === null ? [] : [`${name} ${accuracy.label} ${valueText(accuracy, score)}`],
  );
  return `Finished: ${[...known, `best epoch ${run.bestEpoch}`].join(', ')}.`;
}
