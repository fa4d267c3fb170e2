/**
 * `npm run bench:learning-curve -- PROJECT STUDY [SEEDS]`: whether learning curves foretell. Of a finished study with many seeds, trainings on at most
 * half of the images are fitted, so many seeds together (3 if absent), and what that says of all images is put beside the mean of all trainings on all images.
 */
import { resolve } from 'node:path';
import type { CurveOf } from '#contract/learning-curve.ts';
import { accuracyWith, fitLearningCurve, gainWith } from '#learning/statistics/learning-curve.ts';
import { machine, openStudio } from './own-studio.ts';

interface Foretold {
  /** What is said of all images, less what trainings on them reached. */
  error: number;
  width: number;
  held: boolean;
  gainHeld: boolean;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** One for each group of seeds. */
function foretell({ points }: CurveOf, together: number): Foretold[] {
  const most = Math.max(...points.map(({ images }) => images));
  const accuracy = (of: CurveOf['points']) => mean(of.map(({ correct, tested }) => correct / tested));
  const all = accuracy(points.filter(({ images }) => images === most));
  const smaller = points.filter(({ images }) => images <= 0.55 * most);
  const half = Math.max(...smaller.map(({ images }) => images));
  const atHalf = accuracy(smaller.filter(({ images }) => images === half));
  const seeds = [...new Set(points.map(({ seed }) => seed))].sort((a, b) => a - b);
  const found: Foretold[] = [];
  for (let from = 0; from + together <= seeds.length; from += together) {
    const own = seeds.slice(from, from + together);
    const curve = fitLearningCurve(smaller.filter(({ seed }) => own.includes(seed)));
    if (!curve) continue;
    const said = accuracyWith(curve, most);
    const gain = gainWith(curve, most);
    found.push({
      error: said.value - all,
      width: said.high - said.low,
      held: said.low <= all && all <= said.high,
      gainHeld: gain.low <= all - atHalf && all - atHalf <= gain.high,
    });
  }
  return found;
}

function line(name: string, found: readonly Foretold[]): string {
  const of = (what: keyof Foretold) => found.filter((one) => one[what]).length;
  const points = (value: number) => (100 * value).toFixed(1);
  const squared = Math.sqrt(mean(found.map(({ error }) => error ** 2)));
  return `${name.padEnd(24)} ${of('held')} of ${found.length} hold it, ${of('gainHeld')} of ${found.length} the gain since half; error ${points(mean(found.map(({ error }) => error)))} on average, ${points(squared)} root mean square, width ${points(mean(found.map(({ width }) => width)))} points`;
}

async function main(): Promise<void> {
  // The first argument is where the product is.
  const [, , , path, studyId, seeds = '3'] = process.argv;
  if (path === undefined || studyId === undefined)
    throw new Error('Expected: npm run bench:learning-curve -- PROJECT STUDY [SEEDS]');
  const { client, close } = openStudio();
  try {
    await client.project.open({ path: resolve(path) });
    const { name, recipe } = await client.studies.get({ studyId });
    const { overall, classes } = await client.improvements.learningCurve({ studyId });
    process.stdout.write(`${machine()}\n${name} (${recipe.name}), ${seeds} seeds together\n`);
    process.stdout.write(`${line('all images', foretell(overall, Number(seeds)))}\n`);
    for (const one of classes) process.stdout.write(`${line(one.name, foretell(one, Number(seeds)))}\n`);
    process.stdout.write(
      `${line(
        'all classes',
        classes.flatMap((one) => foretell(one, Number(seeds))),
      )}\n`,
    );
  } finally {
    await close();
  }
}

main().catch((thrown: unknown) => {
  process.stderr.write(`${String(thrown)}\n`);
  process.exitCode = 1;
});
