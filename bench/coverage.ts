/**
 * `npm run bench:coverage [-- REPEATS DRAWS]`: how often the 95 % intervals of accuracy, macro F1 and loss hold the true value, for
 * 200 and 1,000 images. What is measured is interval-coverage.ts.
 */
import { measureCoverage, trueFigures } from './interval-coverage.ts';

function main(): void {
  const [repeats, draws] = [Number(process.argv[3] ?? 2000), Number(process.argv[4] ?? 2000)];
  const truth = trueFigures();
  const shown = Object.entries(truth).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  console.log(`True: ${shown.join(', ')}. ${repeats} test sets of each size, ${draws} draws each.`);
  for (const images of [200, 1000])
    for (const { figure, method, held, width } of measureCoverage(truth, images, repeats, draws))
      console.log(
        `${images} images  ${`${figure}${method ? `, ${method}` : ''}`.padEnd(22)}  holds the true value in ${(held * 100).toFixed(1)} %, mean width ${width.toFixed(4)}`,
      );
}

main();
